import { html, render, type TemplateResult } from "lit-html";
import { GitHub, type Issue, type Place, Refusal, type Repository } from "./github.ts";
import { layout } from "./layout.ts";
import { coalesce, listen } from "./live.ts";
import { viewFor } from "./router.ts";
import type { Desk, View } from "./view.ts";

const ME = "playground-me";
const REST_MS = 150;

interface PageData {
  readonly people: Readonly<Record<string, string>>;
}

const { people }: PageData = JSON.parse(document.getElementById("page-data")?.textContent ?? "{}");
const logins = Object.keys(people);
const me = logins.find((login) => login === localStorage.getItem(ME)) ?? logins[0] ?? "";
const [owner = "", repo = "", ...parts] = location.pathname.split("/").filter(Boolean).map(decodeURIComponent);
const place: Place = { owner, repo };
const github = new GitHub(people[me] ?? "");
const api = `/repos/${encodeURIComponent(owner)}/${encodeURIComponent(repo)}`;

let repository: Repository | null = null;
let view: View | null = null;
let counts: { readonly issues: number; readonly pulls: number } | null = null;
let trouble: string | null = null;
/** GitHub knows nothing by this address. */
let missing = false;
let connected = true;
let drawnBefore = false;

function draw(): void {
  const content = view?.render() ?? (missing ? notFound() : html`<p class="blank" role="status">Loading…</p>`);
  document.title = [view?.title(), `${owner}/${repo}`].filter(Boolean).join(" · ");
  const frame = {
    place,
    tab: view?.tab ?? "code",
    branch: repository?.default_branch ?? "main",
    me,
    people: logins,
    openIssues: counts?.issues ?? null,
    openPulls: counts?.pulls ?? null,
    trouble,
    connected,
    content,
    become,
    dismiss: () => complain(null),
  };
  render(layout(frame), document.body);
}

function notFound(): TemplateResult {
  return html`<div class="blank lost">
    <h1>This is not the page you are looking for.</h1>
    <p>There is nothing at <code>${location.pathname}</code>. Perhaps it has not been made yet.</p>
    <p><a class="button" href="/">To the conversation</a></p>
  </div>`;
}

function become(login: string): void {
  localStorage.setItem(ME, login);
  location.reload();
}

function complain(error: unknown): void {
  trouble = error === null ? null : error instanceof Error ? error.message : "Something went wrong.";
  if (error !== null && !(error instanceof Refusal)) console.error(error);
  draw();
}

async function open(): Promise<void> {
  repository = await github.get<Repository>(api);
  const desk: Desk = { github, place, me, repository, api, home: `/${owner}/${repo}`, draw, refresh, complain };
  const found = viewFor(desk, parts);
  if (found === null) throw new Refusal(404, "There is no such page.");
  await found.load();
  view = found;
}

async function load(): Promise<void> {
  try {
    await Promise.all([view === null ? open() : view.load(), countOpen()]);
    connected = true;
    if (!drawnBefore) trouble = null;
  } catch (error) {
    if (error instanceof Refusal && error.status === 0) connected = false;
    missing = error instanceof Refusal && error.status === 404;
    if (connected && !(missing && view === null)) return complain(error);
  }
  draw();
  if (view !== null && !drawnBefore) showTarget();
}

async function countOpen(): Promise<void> {
  const open = await github.list<Issue>(`${api}/issues?state=open`).catch(() => []);
  const pulls = open.filter(({ pull_request: pull }) => pull !== undefined).length;
  counts = { issues: open.length - pulls, pulls };
}

/** What the address's hash names did not exist when the browser looked for it. */
function showTarget(): void {
  drawnBefore = true;
  const { hash } = location;
  if (hash !== "") document.getElementById(hash.slice(1))?.scrollIntoView();
}

const refresh = coalesce(load, REST_MS);

/** Looks again by itself: at what tells of no change, and after being hidden or cut off. */
function poll(): void {
  const wait = connected ? (view?.pollMs() ?? 30_000) : 2_000;
  setTimeout(() => void (document.hidden ? Promise.resolve() : refresh()).then(poll), wait);
}

listen({
  changed: (change) => {
    if (change.repository === `${owner}/${repo}` && (view === null || view.concerns(change))) void refresh();
  },
  connection: (there) => {
    const back = there && !connected;
    connected = there;
    draw();
    if (back) void refresh();
  },
});
document.addEventListener("visibilitychange", () => void (document.hidden ? null : refresh()));
// Says "3 minutes ago" and how long a run has taken so far as time goes by.
setInterval(() => document.hidden || draw(), 10_000);
draw();
void refresh().then(poll);
