/** One thing that doctor has looked at. */
export type Finding =
  | { readonly level: "ok"; readonly what: string; readonly found: string }
  /** "fix": tasks fail until it is put right. "warning": they work, but not as well. */
  | { readonly level: "fix" | "warning"; readonly what: string; readonly found: string; readonly todo: string };
