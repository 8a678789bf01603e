import { CodeView } from "./code-view.ts";
import { CommitView } from "./commit-view.ts";
import { CompareView } from "./compare-view.ts";
import { ListView, NewIssueView } from "./list-view.ts";
import { RunView } from "./run-view.ts";
import { RunsView } from "./runs-view.ts";
import { ThreadView } from "./thread-view.ts";
import type { Desk, View } from "./view.ts";

/** The view of a path below `/owner/repo`; null where there is none. */
export function viewFor(desk: Desk, parts: readonly string[]): View | null {
  const [section, first = "", second, third, fourth] = parts;
  const rest = parts.slice(1).join("/");
  switch (section) {
    case undefined:
      return new CodeView(desk, desk.repository.default_branch);
    case "issues":
      if (first === "new") return new NewIssueView(desk);
      return first === "" ? new ListView(desk, "issues") : new ThreadView(desk, Number(first), "conversation");
    case "pulls":
      return new ListView(desk, "pulls");
    case "pull":
      return new ThreadView(desk, Number(first), second === "files" ? "files" : "conversation");
    case "actions":
      if (first !== "runs") return new RunsView(desk);
      return new RunView(desk, Number(second), third === "job" ? Number(fourth) : null);
    case "tree":
    case "blob":
    case "commits":
      return new CodeView(desk, rest);
    case "commit":
      return new CommitView(desk, first);
    case "compare":
      return new CompareView(desk, rest);
  }
  return null;
}
