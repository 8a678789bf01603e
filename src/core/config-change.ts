/** One change of `.github/dispatch.yml`, as a sentence or a box asks for it. */
export type ConfigChange =
  | { readonly kind: "set-default"; readonly name: string }
  /** `backend` null: the one that fits the model's family. */
  | { readonly kind: "add-model"; readonly name: string; readonly backend: string | null }
  /** `model` null: the default's. */
  | { readonly kind: "add-alias"; readonly name: string; readonly model: string | null; readonly prompt: string | null }
  /** A model or an alias. */
  | { readonly kind: "remove"; readonly name: string }
  /** Another key with one value, such as `answer_timeout`. */
  | { readonly kind: "set"; readonly key: string; readonly value: string }
  /** Write what the old format says in the new one. */
  | { readonly kind: "migrate" }
  /** Replace `--full-auto`, which Codex does not know any more. */
  | { readonly kind: "mend-codex" };
