import type { TemplateResult } from "lit-html";
import type { GitHub, Place, Repository } from "./github.ts";

/** What a path shows. A view loads what it needs, remembers it, and draws it as often as it is asked. */
export interface View {
  readonly tab: Tab;
  title(): string;
  /** Reads everything afresh. */
  load(): Promise<void>;
  render(): TemplateResult;
  /** Whether this change may be seen here. */
  concerns(change: Change): boolean;
  /** How soon to read again even if nobody tells of a change; null where that is not needed. */
  pollMs(): number | null;
}

export type Tab = "code" | "issues" | "pulls" | "actions";

/** As `/_playground/events` tells it. */
export interface Change {
  readonly repository: string;
  readonly thread: number | null;
  readonly run: number | null;
  readonly ref: string | null;
}

/** What every view is given: who looks, at which repository, and how to have the page drawn again. */
export interface Desk {
  readonly github: GitHub;
  readonly place: Place;
  readonly me: string;
  readonly repository: Repository;
  /** `/repos/octo-org/hello` */
  readonly api: string;
  /** `/octo-org/hello` */
  readonly home: string;
  readonly draw: () => void;
  /** Loads the view again, then draws. */
  readonly refresh: () => Promise<void>;
  /** Shows a failure above the page, until the next action. */
  readonly complain: (error: unknown) => void;
}

export function mayWrite({ repository }: Desk): boolean {
  return repository.permissions?.push === true;
}

/** For links and API paths: each part of a branch or file name, with its slashes left as they are. */
export function encodePath(path: string): string {
  return path.split("/").map(encodeURIComponent).join("/");
}
