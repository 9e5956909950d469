import type { ModelCard } from '@shared/domain/hub';

/** More than any card that a person reads, characters. */
const MAX_CHARACTERS = 200_000;

/** The text of a README.md for people: without the front matter, which is for programs; cut where it is huge. */
export function cardOf(readme: string): ModelCard {
  const text = readme.replace(/^\uFEFF?---\r?\n[\s\S]*?\r?\n---[ \t]*(?:\r?\n|$)/, '').trim();
  const truncated = text.length > MAX_CHARACTERS;
  return { markdown: truncated ? text.slice(0, MAX_CHARACTERS) : text, truncated };
}
