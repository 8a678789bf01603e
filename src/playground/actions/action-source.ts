import { join, resolve } from "node:path";
import { checkoutAction } from "./checkout-action.ts";
import { javascriptAction } from "./javascript-action.ts";
import { type Action, StepFailed } from "./step-host.ts";
import { uploadArtifactAction } from "./upload-artifact-action.ts";

/** Where actions come from that are not GitHub's own: `{ "dispatch": "/path" }` stands for `<anybody>/dispatch@<any ref>`. */
export type ActionRoots = Readonly<Record<string, string>>;

const NOTHING: Action = {
  kind: "built-in",
  main: async () => undefined,
  post: null,
  postCondition: "always()",
  defaults: {},
};

const BUILT_IN: Readonly<Record<string, Action>> = {
  "actions/checkout": checkoutAction,
  "actions/upload-artifact": uploadArtifactAction,
  "actions/setup-node": NOTHING,
};

/**
 * What a `uses:` stands for.
 * @throws StepFailed when nothing is known by this name.
 */
export async function findAction(uses: string, roots: ActionRoots, workspace: string): Promise<Action> {
  if (uses.startsWith("./")) return javascriptAction(resolve(workspace, uses), uses);
  const [name = ""] = uses.split("@");
  const builtIn = BUILT_IN[name.toLowerCase()];
  if (builtIn !== undefined) return builtIn;
  const [owner = "", repository = "", ...folders] = name.split("/");
  const root = roots[`${owner}/${repository}`] ?? roots[repository];
  if (root === undefined) throw new StepFailed(`Unable to resolve action \`${uses}\`, repository not found`);
  return javascriptAction(join(root, ...folders), uses);
}
