import type { LoadReport, Sample } from "./load.ts";

interface Panel {
  readonly top: number;
  readonly title: string;
  readonly most: number;
  readonly figure: (sample: Sample) => number;
}

const WIDTH = 720;
const LEFT = 64;
const RIGHT = 24;
const PANEL = 170;
const GAP = 56;
const TOP = 64;
const HEIGHT = TOP + 2 * PANEL + GAP + 52;
/** Told apart on light and on dark ground, and by those who see no red or no green. */
const COLOURS = ["#3b82f6", "#d97706", "#10a37f"];
const INK = "#7d8590";
/** Minutes, and how they are called: one repository's hours and a hundred's minutes are to be seen in one picture. */
const TICKS: readonly (readonly [number, string])[] = [
  [1, "1 min"],
  [3, "3 min"],
  [10, "10 min"],
  [30, "30 min"],
  [60, "1 h"],
  [180, "3 h"],
  [600, "10 h"],
  [1_440, "1 day"],
  [4_320, "3 days"],
];

/** How many tasks are left, and what GitHub is asked meanwhile, as a picture. */
export function backlogPlot(reports: readonly LoadReport[]): string {
  const end = Math.max(3, ...reports.map(({ samples }) => samples.at(-1)?.minute ?? 0));
  const tasks = Math.max(...reports.map((report) => report.tasks));
  const requests = Math.max(...reports.flatMap(({ samples }) => samples.map((sample) => sample.requests)));
  const backlog: Panel = {
    top: TOP,
    title: "Tasks not finished yet",
    most: tasks,
    figure: (at) => tasks - at.finished,
  };
  const traffic: Panel = {
    top: TOP + PANEL + GAP,
    title: "Requests to GitHub a minute",
    most: roundUp(requests),
    figure: (at) => at.requests,
  };
  const parts = [
    ...reports.map((report, nth) => legend(report, nth)),
    ...[backlog, traffic].flatMap((panel) => [
      axes(panel, end),
      ...reports.map(({ samples }, nth) => line(samples, panel, { end, colour: COLOURS[nth % COLOURS.length] ?? INK })),
    ]),
  ];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="system-ui, sans-serif" font-size="12" role="img">`,
    `<title>${tasks.toLocaleString("en")} tasks at once, until all are finished</title>`,
    ...parts,
    "</svg>",
    "",
  ].join("\n");
}

function legend({ repositories }: LoadReport, nth: number): string {
  const x = LEFT + nth * 150;
  const name = repositories === 1 ? "1 repository" : `${repositories} repositories`;
  return `<path d="M${x} 20h22" stroke="${COLOURS[nth % COLOURS.length]}" stroke-width="3"/>${text(x + 28, 24, name)}`;
}

function axes({ top, title, most }: Panel, end: number): string {
  const bottom = top + PANEL;
  const across = [0, 0.25, 0.5, 0.75, 1].map((share) => {
    const y = round(bottom - share * PANEL);
    const grid = `<path d="M${LEFT} ${y}H${WIDTH - RIGHT}" stroke="${INK}" stroke-opacity="${share === 0 ? 0.9 : 0.25}"/>`;
    return grid + text(LEFT - 8, y + 4, Math.round(share * most).toLocaleString("en"), "end");
  });
  const down = TICKS.filter(([minutes]) => minutes <= end).map(([minutes, name]) => {
    const x = round(place(minutes, end));
    return `<path d="M${x} ${bottom}v5" stroke="${INK}"/>${text(x, bottom + 20, name, "middle")}`;
  });
  return [text(LEFT, top - 12, title, "start", "600"), ...across, ...down].join("");
}

function line(samples: readonly Sample[], { top, most, figure }: Panel, how: { end: number; colour: string }): string {
  const points = samples
    .filter(({ minute }) => minute >= 1)
    .map((sample) => `${round(place(sample.minute, how.end))} ${round(top + PANEL - (figure(sample) / most) * PANEL)}`);
  return `<path d="M${points.join("L")}" fill="none" stroke="${how.colour}" stroke-width="2" stroke-linejoin="round"/>`;
}

/** From left to right by the logarithm: from the first minute to the last. */
function place(minute: number, end: number): number {
  return LEFT + (Math.log(Math.max(1, minute)) / Math.log(end)) * (WIDTH - LEFT - RIGHT);
}

function text(x: number, y: number, words: string, anchor = "start", weight = "400"): string {
  return `<text x="${x}" y="${y}" text-anchor="${anchor}" font-weight="${weight}" fill="${INK}">${words}</text>`;
}

/** To a figure whose quarters are round, too. */
function roundUp(figure: number): number {
  const step = 4 * 10 ** Math.max(0, Math.floor(Math.log10(Math.max(1, figure))) - 1);
  return Math.ceil(figure / step) * step;
}

function round(figure: number): number {
  return Math.round(figure * 10) / 10;
}
