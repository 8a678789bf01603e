import { HELLO, type World } from "../stories/world.ts";
import type { Diary, GivenReply } from "./soak-diary.ts";

/** What people do on GitHub's page, written into the diary as it is done. */
export class Hands {
  readonly #world: World;
  readonly #diary: Diary;

  constructor(world: World, diary: Diary) {
    this.#world = world;
    this.#diary = diary;
  }

  async command(
    thread: number,
    text: string,
    by: string,
    { tasks = 0, reply = false }: { tasks?: number; reply?: boolean },
  ): Promise<number> {
    const comment = await this.#world.say(thread, text, by);
    this.#diary.commands.push({ comment, thread, by, text, tasks, wantsReply: reply, isReworded: false });
    return comment;
  }

  /** Ticks the first open box with this mark, as GitHub's page does; false when there is none. */
  async tick(comment: number | undefined, mark: string, by: string): Promise<boolean> {
    if (comment === undefined) return false;
    const octokit = this.#world.as(by);
    const body = await octokit.issues.getComment({ ...HELLO, comment_id: comment }).then(
      ({ data }) => data.body ?? "",
      () => "",
    );
    const lines = body.split("\n");
    const at = lines.findIndex((line) => line.startsWith("- [ ]") && line.includes(mark));
    if (at < 0) return false;
    lines[at] = (lines[at] ?? "").replace("[ ]", "[x]");
    await octokit.issues.updateComment({ ...HELLO, comment_id: comment, body: lines.join("\n") });
    this.#diary.ticks += 1;
    return true;
  }

  async reply({ text, ...reply }: Omit<GivenReply, "comment"> & { readonly text: string }): Promise<void> {
    this.#diary.replies.push({ ...reply, comment: await this.#world.say(reply.thread, text, reply.by) });
  }

  async isLabelled(thread: number): Promise<boolean> {
    return (await this.#world.labels(thread)).includes("dispatch: waiting");
  }
}
