/**
 * What nobody sees but programs read: control and format characters (zero width, bidirectional, tags), variation selectors and fillers.
 * Tab and line feed stay.
 */
const INVISIBLE =
  // oxlint-disable-next-line no-misleading-character-class -- each of them is meant by itself
  /[^\P{Cc}\t\n]|(?![\u{600}-\u{605}\u{6DD}\u{70F}\u{890}\u{891}\u{8E2}])\p{Cf}|\p{Zl}|\p{Zp}|\u{34F}|\p{Variation_Selector}|[\u{115F}\u{1160}\u{17B4}\u{17B5}\u{2065}\u{3164}\u{FFA0}\u{FFF0}-\u{FFF8}\u{1D159}\u{E0000}-\u{E0FFF}]/gu;

const FLAG_OF_REGION =
  /\u{1F3F4}\u{E0067}\u{E0062}(?:\u{E0065}\u{E006E}\u{E0067}|\u{E0073}\u{E0063}\u{E0074}|\u{E0077}\u{E006C}\u{E0073})\u{E007F}/gu;

/** Scripts that are misspelt without their joiners: Persian, Hindi and their like. */
const JOINING_LETTER =
  /[\p{Script=Arabic}\p{Script=Syriac}\p{Script=Mongolian}\p{Script=Devanagari}\p{Script=Bengali}\p{Script=Gurmukhi}\p{Script=Gujarati}\p{Script=Oriya}\p{Script=Tamil}\p{Script=Telugu}\p{Script=Kannada}\p{Script=Malayalam}\p{Script=Sinhala}\p{Script=Khmer}\p{Script=Myanmar}\p{Script=Tibetan}]/u;
const PICTURE = /\p{Extended_Pictographic}/u;
const PICTURE_BEFORE = /[\p{Extended_Pictographic}\p{Emoji_Modifier}\u{FE0F}]$/u;

/** Text in which nothing is hidden. Line ends become LF; emoji, flags and the joiners that letters need stay as they are. */
export function visibleText(text: string): string {
  const wellFormed = text.toWellFormed().replace(/\r\n?|[\u2028\u2029\u0085]/g, "\n");
  if (!hasInvisible(wellFormed)) return wellFormed;
  // The flags of England, Scotland and Wales are the only honest use of tag characters.
  let clean = "";
  let from = 0;
  for (const flag of wellFormed.matchAll(FLAG_OF_REGION)) {
    clean += withoutInvisible(wellFormed.slice(from, flag.index)) + flag[0];
    from = flag.index + flag[0].length;
  }
  return clean + withoutInvisible(wellFormed.slice(from));
}

function hasInvisible(text: string): boolean {
  INVISIBLE.lastIndex = 0;
  return INVISIBLE.test(text);
}

function withoutInvisible(text: string): string {
  return text.replace(INVISIBLE, (character, index: number) => {
    const before = lastCharacter(text, index);
    const after = firstCharacter(text, index + character.length);
    return isNeeded(character, before, after) ? character : "";
  });
}

function isNeeded(character: string, before: string, after: string): boolean {
  switch (character) {
    case "\u200D":
      return (PICTURE_BEFORE.test(before) && PICTURE.test(after)) || joins(before, after);
    case "\u200C":
      return joins(before, after);
    case "\uFE0F":
      return PICTURE.test(before) || (/[\d#*]/.test(before) && after === "\u20E3");
    case "\uFE0E":
      return PICTURE.test(before);
    default:
      return false;
  }
}

function joins(before: string, after: string): boolean {
  return JOINING_LETTER.test(before) && JOINING_LETTER.test(after);
}

function firstCharacter(text: string, from: number): string {
  return String.fromCodePoint(text.codePointAt(from) ?? 0);
}

function lastCharacter(text: string, to: number): string {
  return /.$/su.exec(text.slice(Math.max(0, to - 2), to))?.[0] ?? "";
}
