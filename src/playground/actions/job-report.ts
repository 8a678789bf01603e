import { JobLog } from "./job-log.ts";

export interface Annotation {
  readonly level: "error" | "warning" | "notice";
  readonly title: string | null;
  readonly message: string;
  readonly file: string | null;
}

/** What people see of a job: its log, its annotations, its summary. Secrets reach none of them. */
export class JobReport {
  readonly log: JobLog;
  readonly annotations: Annotation[] = [];
  #summary = "";

  constructor(path: string, now: () => Date) {
    this.log = new JobLog(path, now);
  }

  get summary(): string {
    return this.#summary;
  }

  addSummary(text: string): void {
    this.#summary += this.log.masked(text);
  }

  annotate(
    level: Annotation["level"],
    message: string,
    { title = null, file = null }: { readonly [name: string]: string | null } = {},
  ): void {
    this.annotations.push({ level, message: this.log.masked(message), title, file });
    this.log.write(`##[${level}]${message}`);
  }
}
