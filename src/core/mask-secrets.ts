import { visibleText } from "./visible-text.ts";

const MASK = "***";
/** Shorter values are words as often as secrets. */
const SHORTEST = 8;

/** What the keys of well-known services look like, for those that nobody told us of. */
const TOKENS: readonly RegExp[] = [
  /-----BEGIN [A-Z ]{0,30}PRIVATE KEY(?: BLOCK)?-----[\s\S]*?(?:-----END [A-Z ]{0,30}PRIVATE KEY(?: BLOCK)?-----|$)/g,
  /(?<![A-Za-z0-9])gh[opsur]_[A-Za-z0-9_.-]{16,}/g,
  /(?<![A-Za-z0-9])github_pat_[A-Za-z0-9_]{16,}/g,
  /(?<![A-Za-z0-9])sk-ant-[A-Za-z0-9_-]{8,}/g,
  // "sk-" also starts ordinary names (sk-learn-…); a key holds digits and is long.
  /(?<![A-Za-z0-9-])sk-(?=[A-Za-z0-9_-]*\d)[A-Za-z0-9_-]{20,}/g,
  /(?<![A-Za-z0-9])A(?:KIA|SIA)[0-9A-Z]{16}(?![0-9A-Z])/g,
  /(?<![A-Za-z0-9])xox[a-z]-[A-Za-z0-9-]{8,}/g,
  /(?<![A-Za-z0-9])(?:npm_[A-Za-z0-9]{36}|glpat-[A-Za-z0-9_-]{20,}|AIza[A-Za-z0-9_-]{35}|crsr_[A-Za-z0-9]{16,})/g,
  /(?<![A-Za-z0-9])eyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}/g,
];

/**
 * Text without secrets: the known values as they are and in their base64, URL and JSON forms, and whatever looks like a well-known
 * kind of key. Ask for this before anything else is done to the text: escaping would change what has to be found.
 */
export function maskSecrets(text: string, secrets: readonly string[]): string {
  const forms = secretForms(secrets);
  const visible = visibleText(text);
  const masked = mask(visible, forms);
  // Somebody may hide a key behind invisible characters; only then they go, else the text keeps every character.
  return masked === visible ? mask(text, forms) : masked;
}

function mask(text: string, forms: readonly string[]): string {
  const known = forms.reduce((left, form) => left.replaceAll(form, MASK), text);
  return TOKENS.reduce((left, token) => left.replace(token, MASK), known);
}

/** Longest first, so that a secret that holds another one is masked whole. */
function secretForms(secrets: readonly string[]): readonly string[] {
  const values = secrets.flatMap((secret) => [secret, secret.trim(), ...longLines(secret)]);
  const forms = values.filter((value) => value.length >= SHORTEST).flatMap(formsOf);
  return [...new Set(forms)].filter((form) => form.length >= SHORTEST).toSorted((a, b) => b.length - a.length);
}

/** A key of several lines is as secret line by line. */
function longLines(secret: string): readonly string[] {
  const lines = secret.split(/\r?\n/).map((line) => line.trim());
  return lines.length < 2 ? [] : lines.filter((line) => line.length >= 20 && !line.startsWith("-----"));
}

function formsOf(value: string): readonly string[] {
  const url = encodeURIComponent(value.toWellFormed());
  const base64 = base64Forms(value);
  return [
    value,
    url,
    url.replaceAll("%20", "+"),
    JSON.stringify(value).slice(1, -1),
    ...base64,
    ...base64.map((form) => form.replaceAll("+", "-").replaceAll("/", "_")),
    ...base64.map(encodeURIComponent),
  ];
}

/** Base64 of a text that holds the value: it looks different for each of the three places where a group of three bytes may start. */
function base64Forms(value: string): readonly string[] {
  const bytes = new TextEncoder().encode(value);
  return [0, 1, 2].map((shift) => {
    const encoded = btoa(String.fromCharCode(...new Uint8Array(shift), ...bytes)).replace(/=+$/, "");
    const first = shift === 0 ? 0 : shift + 1;
    // The last character also holds bits of whatever follows, unless the value ends a group.
    const last = (shift + bytes.length) % 3 === 0 ? encoded.length : encoded.length - 1;
    return encoded.slice(first, last);
  });
}
