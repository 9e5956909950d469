/** Characters that take two columns of a terminal (Unicode: East Asian Wide and Fullwidth, and emoji). */
const WIDE =
  /[\p{Script=Han}\p{Script=Hangul}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Bopomofo}\p{Script=Yi}\p{Emoji_Presentation}\u3000-\u303e\uff01-\uff60\uffe0-\uffe6]|\ufe0f/u;
/** Halfwidth forms of the same scripts. */
const NARROW = /^[\uff61-\uffdc]/;
/** Characters that lie on the one before, or are not seen at all. */
const NOTHING = /^[\p{Mn}\p{Me}\p{Cf}\p{Cc}]+$/u;

/** Made when it is first wanted. */
let letters: Intl.Segmenter | undefined;

/** Columns that a text takes on a terminal. */
export function textWidth(text: string): number {
  letters ??= new Intl.Segmenter('en', { granularity: 'grapheme' });
  let width = 0;
  for (const { segment } of letters.segment(text)) {
    if (NOTHING.test(segment)) continue;
    width += WIDE.test(segment) && !NARROW.test(segment) ? 2 : 1;
  }
  return width;
}
