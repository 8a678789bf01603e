import { html, nothing, type TemplateResult } from "lit-html";

const UNITS = [
  { unit: "day", seconds: 86_400 },
  { unit: "hour", seconds: 3_600 },
  { unit: "minute", seconds: 60 },
] as const;

const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
const exact = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });

/** "3 minutes ago", with the exact time on hover. */
export function time(iso: string | null | undefined): TemplateResult | typeof nothing {
  if (iso === null || iso === undefined) return nothing;
  return html`<time datetime=${iso} title=${exact.format(new Date(iso))}>${ago(new Date(iso), new Date())}</time>`;
}

function ago(then: Date, now: Date): string {
  const seconds = Math.round((then.getTime() - now.getTime()) / 1000);
  const found = UNITS.find((each) => Math.abs(seconds) >= each.seconds);
  return found === undefined ? "now" : relative.format(Math.trunc(seconds / found.seconds), found.unit);
}

/** "1m 5s"; of something that goes on, up to now. */
export function duration(from: string | null | undefined, to: string | null | undefined): string {
  if (from === null || from === undefined) return "";
  const end = to === null || to === undefined ? Date.now() : Date.parse(to);
  const seconds = Math.max(0, Math.round((end - Date.parse(from)) / 1000));
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  if (hours > 0) return `${hours}h ${minutes}m`;
  return minutes > 0 ? `${minutes}m ${seconds % 60}s` : `${seconds}s`;
}
