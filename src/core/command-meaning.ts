import type { ConfigRequest } from "./config-request.ts";

/** What a command asks for. `task` is a full id, or null where the comment names none. */
export type Command =
  | { readonly kind: "warm-up" }
  | { readonly kind: "help" }
  /** `planFirst`: the plan is to be approved before any work. */
  | { readonly kind: "task"; readonly text: string; readonly planFirst: boolean }
  | { readonly kind: "doctor" }
  | { readonly kind: "config"; readonly request: ConfigRequest }
  | { readonly kind: "approve"; readonly task: string | null }
  | { readonly kind: "skip"; readonly task: string | null }
  | { readonly kind: "cleanup"; readonly task: string | null }
  | { readonly kind: "status"; readonly task: string | null }
  | { readonly kind: "cancel"; readonly task: string | null }
  | { readonly kind: "retry"; readonly task: string | null; readonly model: string | null }
  | { readonly kind: "answer"; readonly task: string | null; readonly question: string | null; readonly text: string }
  | { readonly kind: "note"; readonly task: string; readonly text: string }
  /** What stands for the task's id fits several tasks. The rest is what the verb came with. */
  | {
      readonly kind: "unclear";
      readonly verb: "status" | "cancel" | "retry" | "approve" | "skip" | "cleanup" | "answer" | "note";
      readonly prefix: string;
      readonly candidates: readonly string[];
      readonly model: string | null;
      readonly question: string | null;
      readonly text: string | null;
    };
