import type { ConfigChange } from "./config-change.ts";
import { CONFIG_KEYS } from "./config-keys.ts";
import { CONFIG } from "./config-sentence-words.ts";

const KEYS = CONFIG_KEYS.map(({ name }) => name.replaceAll("_", "[ _-]")).join("|");
const SET = new RegExp(
  `^(?:set|change|switch|put|turn|raise|lower|increase|reduce)(?: the| my| our)? [\`"']?(${KEYS})[\`"']?( ${CONFIG.source})?(?: to|:| =| at)? [\`"']?([^\\n]{1,200}?)[\`"']?( ${CONFIG.source})?$`,
  "i",
);
const TURN = new RegExp(`^(?:turn|switch) (on|off) (?:the )?[\`"']?(${KEYS})[\`"']?( ${CONFIG.source})?$`, "i");
const ENABLE = new RegExp(`^(enable|disable) (?:the )?[\`"']?(${KEYS})[\`"']?( ${CONFIG.source})?$`, "i");
/** Words of ours alone; the others ("timeout", "keep", …) may be the project's. */
const OURS = /^(?:answer[ _-]timeout|confirm[ _-]default|budget_usd|pull_request|budget[ -]usd)$/i;

/** "set the answer timeout to 30m", "turn off signoff in my config" */
export function readSetting(clause: string): ConfigChange | null {
  const set = SET.exec(clause);
  if (set !== null) return setting(set[1], set[3], set[2] ?? set[4]);
  const turn = TURN.exec(clause);
  if (turn !== null) return setting(turn[2], turn[1], turn[3]);
  const able = ENABLE.exec(clause);
  if (able !== null) return setting(able[2], /^enable$/i.test(able[1] ?? "") ? "on" : "off", able[3]);
  return /^(?:stop|don['’]t|do not|never) ask(?:ing)?(?: me)? (?:about|for|to confirm) (?:the )?default(?: model)?$/i.test(
    clause,
  )
    ? { kind: "set", key: "confirm_default", value: "false" }
    : null;
}

function setting(said: string = "", value: string = "", place: string | undefined): ConfigChange | null {
  const isOurs = OURS.test(said) || (place !== undefined && /\b(?:my|our|your|dispatch)\b|dispatch\.yml/i.test(place));
  return isOurs ? { kind: "set", key: said.toLowerCase().replace(/[ -]/g, "_"), value: value.trim() } : null;
}
