/**
 * Characters that a terminal obeys or a reader is fooled by: control characters, marks that turn the direction of
 * writing, and characters without a shape or a width (Unicode: Cc, Bidi_Control, Default_Ignorable_Code_Point), but
 * for the joiners that emoji and some scripts are written with.
 */
const HIDDEN =
  '[\\u0000-\\u001f\\u007f-\\u009f\\u00ad\\u034f\\u061c\\u115f\\u1160\\u17b4\\u17b5\\u180e\\u200b\\u200e\\u200f\\u2028-\\u202e\\u2060-\\u206f\\u3164\\ufeff\\uffa0\\ufff0-\\uffff]';

/** Whether a text holds a character that nobody sees. */
export function hasHiddenCharacters(text: string): boolean {
  return new RegExp(HIDDEN).test(text);
}

/** Whether there is anything to be seen in a text at all. */
export function isVisible(text: string): boolean {
  return /[\p{L}\p{N}\p{P}\p{S}]/u.test(text.replaceAll(new RegExp(HIDDEN, 'g'), ''));
}

/** The text with what cannot be seen shown by its number; `kept` is let through. */
export function showHidden(text: string, kept: RegExp = /(?!)/): string {
  return text.replaceAll(new RegExp(HIDDEN, 'g'), (character) =>
    kept.test(character)
      ? character
      : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
