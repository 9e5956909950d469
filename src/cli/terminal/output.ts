import { stripVTControlCharacters, styleText } from 'node:util';

import { showHidden } from '@shared/format/hidden-characters';
import type { Evidence } from '@shared/domain/failure';
import { stateFamily, type ServerState } from '@shared/domain/server-state';
import type { ErrorBody } from '@shared/errors';
import { actionCommand } from './action-command';
import { helpAddress, helped, withHelp } from './help-address';
import { refusalLines } from './refusal-text';
import { textWidth } from './text-width';

type Style = Parameters<typeof styleText>[0];

interface Streams {
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
}

/** Results go to standard output, everything else to standard error. */
export class Output {
  readonly #streams: Streams;
  readonly #json: boolean;
  readonly #colour: boolean;

  constructor(streams: Streams, options: { json: boolean; noColour: boolean }) {
    this.#streams = streams;
    this.#json = options.json;
    this.#colour = streams.stdout.isTTY === true && !options.noColour && !options.json;
  }

  /** Whether a person reads standard output. */
  get isTerminal(): boolean {
    return this.#streams.stdout.isTTY === true;
  }

  /** The command's result: as JSON, or as the lines that `human` gives. */
  result(value: unknown, human: () => string | readonly string[]): void {
    if (this.#json) this.jsonLine(withHelp(value));
    else this.lines(human());
  }

  /** One JSON value on a line of its own. */
  jsonLine(value: unknown): void {
    this.#streams.stdout.write(`${JSON.stringify(value)}\n`);
  }

  lines(text: string | readonly string[]): void {
    for (const line of typeof text === 'string' ? [text] : text) this.raw(`${shown(line)}\n`);
  }

  raw(text: string): void {
    this.#streams.stdout.write(text);
  }

  /** Progress, warnings and hints. */
  note(line: string): void {
    this.#streams.stderr.write(`${shown(line)}\n`);
  }

  /** What the command failed with: with JSON the last line of standard output. */
  error(error: ErrorBody): void {
    if (this.#json) {
      this.jsonLine({ error: isOfServer(error.data) ? helped(error) : error });
      return;
    }
    // Names and paths in it may hold what a terminal obeys.
    this.note(`Error: ${error.message}`);
    for (const { label, text } of evidenceIn(error.data)) this.note(`  ${label}: ${text}`);
    const refusal = refusalLines(error, Date.now());
    for (const line of refusal) this.note(line);
    if (error.action && refusal.length === 0) {
      this.note(`What helps: ${actionCommand(error.action, profileIn(error.data))}`);
    }
    const help = isOfServer(error.data) ? helpAddress(error) : undefined;
    if (help !== undefined) this.note(`More: ${help}`);
  }

  /** Coloured where a person reads it. */
  style(style: Style, text: string): string {
    return this.#colour ? styleText(style, text, { validateStream: false }) : text;
  }

  state(state: ServerState): string {
    const styles = {
      ready: 'green',
      working: 'blue',
      warning: 'yellow',
      broken: 'red',
      off: 'dim',
    };
    return this.style(styles[stateFamily(state)] as Style, state);
  }

  /** Aligned columns under a header; columns listed in `right` are aligned to the right. */
  table(
    header: readonly string[],
    rows: readonly (readonly string[])[],
    right: readonly number[] = [],
  ): string[] {
    const all = [
      header.map((cell) => this.style('dim', cell)),
      ...rows.map((row) => row.map(shown)),
    ];
    const widths = header.map((_, column) =>
      Math.max(...all.map((row) => visibleLength(row[column] ?? ''))),
    );
    return all.map((row) =>
      widths
        .map((width, column) => pad(row[column] ?? '', width, right.includes(column)))
        .join('  ')
        .trimEnd(),
    );
  }
}

/** Our own colours, as `styleText` writes them. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: the escape is what a colour begins with
const COLOUR = /(\u001b\[(?:1|2|22|3[1-6]|39)m)/;

/** Names and texts of strangers may hold what a terminal obeys: nothing but our colours and tabs goes through. */
function shown(line: string): string {
  return line
    .split('\n')
    .map((one) =>
      one
        .split(COLOUR)
        .map((part, at) => (at % 2 === 1 ? part : showHidden(part, /\t/)))
        .join(''),
    )
    .join('\n');
}

function pad(text: string, width: number, right: boolean): string {
  const space = ' '.repeat(Math.max(0, width - visibleLength(text)));
  return right ? space + text : text + space;
}

function visibleLength(text: string): number {
  return textWidth(stripVTControlCharacters(text));
}

function evidenceIn(data: unknown): readonly Evidence[] {
  if (typeof data !== 'object' || data === null || !('evidence' in data)) return [];
  return Array.isArray(data.evidence) ? data.evidence : [];
}

/** Whether an error is a server's failure: requests have some of the same codes. */
function isOfServer(data: unknown): boolean {
  return typeof data === 'object' && data !== null && 'profileId' in data;
}

/** Name of the profile that an error is about. */
function profileIn(data: unknown): string | undefined {
  if (typeof data !== 'object' || data === null || !('profile' in data)) return undefined;
  return typeof data.profile === 'string' ? data.profile : undefined;
}
