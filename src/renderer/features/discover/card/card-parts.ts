/** Characters drawn in one go: past the first figure a card is cut at the next block, past the second anywhere. */
const PART_CHARACTERS = 2000;
const MOST_CHARACTERS = 4000;
/** Levels of nested quotations, lists and brackets that are kept: nobody writes more, and each is slow to draw. */
const DEEPEST = 20;

/**
 * A card in parts that are drawn one after the other: a stranger's card may be huge, and a page must not
 * stand still for it. It is cut between blocks where it can be, else at a line, else anywhere; addresses
 * that are defined at the end count in every part.
 */
export function cardParts(markdown: string): string[] {
  const lines = markdown.split(/\r?\n/).map(flattened);
  const definitions = lines.filter((line) => DEFINITION.test(line)).slice(0, 200);
  const parts: string[] = [];
  let part: string[] = [];
  let size = 0;
  let fence: string | undefined;
  /** The first two lines of the table that it is in. */
  let table: string[] = [];
  const end = (): void => {
    if (part.length > 0) parts.push(part.join('\n'));
    part = fence === undefined ? [...table] : [fence];
    size = part.join('\n').length;
  };
  for (const line of lines.flatMap(segments)) {
    const mark = /^ {0,3}(`{3,}|~{3,})/.exec(line)?.[1];
    if (mark !== undefined && fence === undefined) fence = mark;
    else if (mark !== undefined && fence !== undefined && mark.startsWith(fence)) fence = undefined;
    const isBetween = fence === undefined && line.trim() === '';
    const last = part.at(-1) ?? '';
    if (isBetween) table = [];
    else if (table.length === 0 && ROW_OF_LINES.test(line) && last.includes('|')) {
      table = [last, line].map((row) => row.slice(0, PART_CHARACTERS / 4));
    }
    if (size > MOST_CHARACTERS || (isBetween && size > PART_CHARACTERS)) {
      if (fence !== undefined) part.push(fence);
      end();
    }
    part.push(line);
    size += line.length + 1;
  }
  end();
  if (parts.length < 2 || definitions.length === 0) return parts;
  return parts.map((text) => `${text}\n\n${definitions.join('\n')}`);
}

/** The line below the head of a table. */
const ROW_OF_LINES = /^(?=.*\|)[\s:|-]{3,}$/;
const DEFINITION = /^ {0,3}\[[^\]\n]{1,200}\]:\s*\S/;

/** The line with nesting cut down to a depth that a person could have meant. */
function flattened(line: string): string {
  const marks = /^(?:[ \t]*(?:>|[-*+](?=[ \t])|\d{1,9}[.)](?=[ \t])))+/.exec(line)?.[0] ?? '';
  const levels = marks.replace(/[\s\d]/g, '').length;
  const shallow = levels > DEEPEST ? line.slice(marks.length) : line;
  return RUNS.reduce((text, run) => text.replace(run, (found) => found.slice(0, DEEPEST)), shallow);
}

/** Long runs of opening marks: a markdown parser needs very long to find out that nothing closes them. */
const RUNS = [/(?:!?\[){21,}/g, /\]{21,}/g, /(?:[*_~]\s?){81,}/g, /<{21,}/g, /[ \t]{200,}/g];

function segments(line: string): string[] {
  if (line.length <= MOST_CHARACTERS) return [line];
  const count = Math.ceil(line.length / PART_CHARACTERS);
  return Array.from({ length: count }, (_, index) =>
    line.slice(index * PART_CHARACTERS, (index + 1) * PART_CHARACTERS),
  );
}
