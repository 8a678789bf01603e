import { Octokit } from "@octokit/core";
import { describe, expect, it } from "vitest";
import { call } from "../../src/adapters/github-call.ts";
import { githubClock } from "../../src/adapters/github-clock.ts";
import { HurriedClock, NOW } from "../flows/memory-clock.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

/** A machine whose clock is wrong, and a GitHub whose replies take their time. */
class Machine {
  /** What has passed, in truth. */
  passed = 0;
  /** By how much the clock on the wall is ahead. */
  ahead: number;
  readonly #base = new HurriedClock({ chance: 0.5 });
  readonly clock;
  readonly #api;
  reply: { readonly status: number; readonly tookMs: number; readonly headers?: Record<string, string> } = {
    status: 200,
    tookMs: 200,
  };

  constructor({ ahead = 0 }: { readonly ahead?: number } = {}) {
    this.ahead = ahead;
    const now = () => new Date(this.truth() + this.ahead);
    const base = { now, random: () => 0.5, sleep: (ms: number) => this.#base.sleep(ms) };
    this.clock = githubClock({ base, elapsed: () => this.passed + 123_456 });
    const quiet = { debug() {}, info() {}, warn() {}, error() {} };
    this.#api = this.clock.setBy(new Octokit({ request: { fetch: () => this.#answer() }, log: quiet }));
  }

  truth(): number {
    return Date.parse(NOW) + 400 + this.passed;
  }

  /** By how much the clock is wrong. */
  error(): number {
    return this.clock.now().getTime() - this.truth();
  }

  /** What a refused call waits for before it is made again. */
  async waited(): Promise<readonly number[]> {
    await call((once) => this.#api.request("GET /rate_limit", { ...once }), { clock: this.clock });
    return this.#base.slept;
  }

  async ask(): Promise<void> {
    await this.#api.request("GET /rate_limit").catch(() => undefined);
  }

  #answer(): Response {
    const { status, tookMs, headers } = this.reply;
    // A limit is hit once.
    if (status === 403) this.reply = { status: 200, tookMs: 200 };
    this.passed += tookMs / 2;
    const date = new Date(this.truth()).toUTCString();
    this.passed += tookMs / 2;
    const body = status === 304 ? null : "{}";
    return new Response(body, { status, headers: { date, "content-type": "application/json", ...headers } });
  }
}

describe("GitHub's time", () => {
  it.each([
    { what: "10 minutes ahead", ahead: 10 * MINUTE },
    { what: "10 minutes behind", ahead: -10 * MINUTE },
    { what: "right", ahead: 0 },
    { what: "at 1970", ahead: -Date.parse(NOW) },
  ])("is known after one reply to a machine whose clock is $what", async ({ ahead }) => {
    const machine = new Machine({ ahead });
    expect(machine.error()).toBe(ahead);
    await machine.ask();
    expect(Math.abs(machine.error())).toBeLessThanOrEqual(600);
  });

  it.each([200, 304, 403, 404, 500, 502])("is taken from a reply with status %i", async (status) => {
    const machine = new Machine({ ahead: 10 * MINUTE });
    machine.reply = { status, tookMs: 200 };
    await machine.ask();
    expect(Math.abs(machine.error())).toBeLessThanOrEqual(600);
  });

  it("is known better with every reply, and a slow one takes nothing from that", async () => {
    const machine = new Machine({ ahead: MINUTE });
    for (let count = 0; count < 20; count += 1) {
      await machine.ask();
      machine.passed += 70;
    }
    expect(Math.abs(machine.error())).toBeLessThanOrEqual(150);
    const before = machine.error();
    machine.reply = { status: 200, tookMs: 20 * SECOND };
    await machine.ask();
    expect(machine.error()).toBe(before);
  });

  it.each([
    { what: "no date", headers: { date: "" } },
    { what: "a date that is none", headers: { date: "soon" } },
    { what: "the date of a cache", headers: { age: "3600" } },
  ])("is not taken from a reply with $what", async ({ headers }) => {
    const machine = new Machine({ ahead: MINUTE });
    machine.reply = { status: 200, tookMs: 200, headers };
    await machine.ask();
    expect(machine.error()).toBe(MINUTE);
  });

  it("is not moved by whoever sets the machine's clock", async () => {
    const machine = new Machine();
    machine.ahead = 60 * MINUTE;
    expect(machine.error()).toBe(0);
    await machine.ask();
    machine.ahead = -60 * MINUTE;
    expect(Math.abs(machine.error())).toBeLessThanOrEqual(600);
  });

  it("is found again by a machine that has slept", async () => {
    const machine = new Machine();
    await machine.ask();
    // Its own measure has stood still meanwhile.
    const { truth } = machine;
    machine.truth = () => truth.call(machine) + 30 * MINUTE;
    expect(machine.error()).toBeLessThan(-29 * MINUTE);
    await machine.ask();
    expect(Math.abs(machine.error())).toBeLessThanOrEqual(600);
  });

  it.each([10 * MINUTE, -10 * MINUTE])(
    "tells when a limit ends although the clock is ahead by %i ms",
    async (ahead) => {
      const machine = new Machine({ ahead });
      const reset = String(Math.ceil(machine.truth() / SECOND) + 30);
      machine.reply = {
        status: 403,
        tookMs: 200,
        headers: { "x-ratelimit-remaining": "0", "x-ratelimit-reset": reset },
      };
      const [first = 0] = await machine.waited();
      expect(first / SECOND).toBeCloseTo(31, -1);
    },
  );
});
