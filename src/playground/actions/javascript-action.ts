import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { compileCache } from "../compile-cache.ts";
import { parseAction, parser } from "./parser.ts";
import { type Action, StepFailed, type StepHost } from "./step-host.ts";
import { isMap, mapAt, type Template, textAt, toTemplate } from "./template.ts";

/**
 * A JavaScript action as its `action.yml` describes it.
 * @throws StepFailed when there is none, or one of another kind.
 */
export async function javascriptAction(root: string, name: string): Promise<Action> {
  const file = join(root, "action.yml");
  const text = await readFile(file, "utf8").catch(() => {
    throw new StepFailed(`Can't find 'action.yml', 'action.yaml' or 'Dockerfile' for action '${name}'.`);
  });
  const { value, context } = parseAction({ name: file, content: text }, new parser.NoOperationTraceWriter());
  const errors = context.errors.getErrors().map((error) => error.message);
  const manifest = value === undefined ? null : toTemplate(value);
  if (errors.length > 0 || !isMap(manifest ?? undefined)) throw new StepFailed(errors.join("\n"));
  return fromManifest(root, mapAt({ manifest }, "manifest"));
}

function fromManifest(root: string, manifest: Readonly<Record<string, Template>>): Action {
  const runs = mapAt(manifest, "runs");
  const using = textAt(runs, "using") ?? "";
  if (!/^node\d+$/.test(using)) throw new StepFailed(`Actions that run by '${using}' are not known here.`);
  const main = textAt(runs, "main") ?? "";
  const post = textAt(runs, "post");
  const node = (script: string) => (host: StepHost) =>
    host.exec({
      file: process.execPath,
      args: [join(root, script)],
      env: { ...compileCache(), ...inputVariables(host.inputs) },
    });
  return {
    kind: "manifest",
    main: node(main),
    post: post === null ? null : node(post),
    postCondition: textAt(runs, "post-if") ?? "always()",
    defaults: Object.fromEntries(
      Object.keys(mapAt(manifest, "inputs")).map((name) => [
        name,
        mapAt(mapAt(manifest, "inputs"), name)["default"] ?? "",
      ]),
    ),
  };
}

/** `INPUT_` and the name in capitals; spaces become `_`, hyphens stay. */
function inputVariables(inputs: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(inputs).map(([name, value]) => [`INPUT_${name.replaceAll(" ", "_").toUpperCase()}`, value]),
  );
}
