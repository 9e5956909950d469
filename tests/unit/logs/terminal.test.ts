import { lineOf } from '@core/logs/log-line';
import { LogScreen } from '@core/logs/log-screen';
import { MAX_LINE_CHARS } from '@core/logs/row';
import { SCREEN_ROWS } from '@core/logs/terminal';
import { describe, expect, it } from 'vitest';

/** A screen that remembers the lines that left it. */
function createScreen() {
  const gone: string[] = [];
  let n = 0;
  const screen = new LogScreen({
    requestLines: [],
    begin: () => ({ n: n++, time: 0 }),
    onLeave: (row) => gone.push(row.text),
  });
  const write = (text: string | Buffer): void => void screen.push(Buffer.from(text));
  const lines = (): string[] => [...gone, ...screen.terminal.rows.map((row) => row.text)];
  return { screen, write, lines };
}

/** What the bytes show, in one write and byte by byte: a sequence may be cut anywhere. */
function shown(text: string | Buffer): string[] {
  const whole = createScreen();
  whole.write(text);
  const bytewise = createScreen();
  for (const byte of Buffer.from(text)) bytewise.write(Buffer.from([byte]));
  expect(bytewise.lines()).toEqual(whole.lines());
  return whole.lines();
}

describe('a line is what a terminal shows of it', () => {
  it.each([
    ['plain lines', 'one\ntwo\n', ['one', 'two']],
    ['empty lines', 'one\n\n\ntwo\n', ['one', '', '', 'two']],
    ['a line without an end', 'one\ntwo', ['one', 'two']],
    ['Windows line ends', 'one\r\ntwo\r\n', ['one', 'two']],
    ['a bar that is drawn again', ' 10%\r 50%\r100% done\n', ['100% done']],
    ['a bar that is under way', ' 10%\r 50%', [' 50%']],
    ['a bar that ends with a return', ' 10%\r 50%\r', [' 50%']],
    ['a shorter text over a longer one', 'Loading 100%\rDone\n', ['Doneing 100%']],
    ['a longer text cleared with blanks', 'Loading\r       \rDone\n', ['Done']],
    ['a line erased to its end', 'Loading 100%\rDone\x1b[K\n', ['Done']],
    ['a line erased from its start', 'Loading 100%\x1b[5D\x1b[1K\n', ['        100%']],
    ['a whole line erased', 'Loading 100%\x1b[2K\rDone\n', ['Done']],
    ['text after a bar', '100%\n\r50%\r100%\nReady\n', ['100%', '100%', 'Ready']],
    ['backspaces', 'spinner |\b/\b-\n', ['spinner -']],
    ['columns', 'ab\x1b[6Gcd\x1b[1Dx\n', ['ab   cx']],
    ['colors', '\x1b[1;31mERROR\x1b[0m bad\x1b[m\n', ['ERROR bad']],
    [
      'a title and a link',
      '\x1b]0;title\x07a \x1b]8;;http://x/\x1b\\link\x1b]8;;\x1b\\\n',
      ['a link'],
    ],
    ['a character set and keypad modes', '\x1b(B\x1b=\x1b>text\x1b7\x1b8\n', ['text']],
    ['a device string', 'a\x1bPq#0;2;0\x1b\\b\n', ['ab']],
    ['a title that is never ended', '\x1b]0;title\nnext\n', ['', 'next']],
    ['a sequence that is cut by the end', 'a\x1b[3\nb\n', ['a', 'b']],
    ['an escape before a letter that is none', 'a\x1b[\x07b\n', ['ab']],
    ['a bell and other controls', 'a\x07b\x00c\x0bd\n', ['abcd']],
    ['characters of several bytes', 'héllo 世界 🙂\n', ['héllo 世界 🙂']],
    ['half a character written over', '🙂🙂\rx\n', ['x\ufffd🙂']],
  ])('%s', (_, text, expected) => {
    expect(shown(text)).toEqual(expected);
  });

  it('bytes that are no UTF-8 are replaced', () => {
    expect(shown(Buffer.from([0x61, 0xff, 0xc3, 0x0a, 0xe4, 0xb8]))).toEqual(['a\ufffd\ufffd']);
  });
});

describe('several bars at once', () => {
  /** As tqdm draws the bar at `position`: down, over the line, and up again. */
  const draw = (position: number, text: string): string =>
    `${'\n'.repeat(position)}\r${text}${'\x1b[A'.repeat(position)}`;

  it('stay as many lines as there are bars, in their last state', () => {
    let text = '';
    for (let percent = 0; percent <= 100; percent++) {
      for (const bar of [0, 1, 2]) text += draw(bar, `bar ${bar}: ${percent}%`);
    }
    expect(shown(text)).toEqual(['bar 0: 100%', 'bar 1: 100%', 'bar 2: 100%']);
    expect(shown(`before\n${text}\n\n\nafter\n`)).toEqual([
      'before',
      ...['bar 0: 100%', 'bar 1: 100%', 'bar 2: 100%'],
      'after',
    ]);
  });

  it('that are erased and written anew leave no old ones', () => {
    const frame = (n: number): string => `job a ${n}\njob b ${n}\n`;
    const again = '\x1b[1A\x1b[2K\x1b[1A\x1b[2K';
    expect(shown(`${frame(1)}${again}${frame(2)}${again}done\x1b[J\n`)).toEqual(['done', '']);
  });

  it('cannot change what has left the screen', () => {
    const { write, lines } = createScreen();
    const many = SCREEN_ROWS + 30;
    for (let n = 0; n < many; n++) write(`line ${n}\n`);
    write('\x1b[999Atop');
    expect(lines().slice(0, many - SCREEN_ROWS)).toEqual(
      Array.from({ length: many - SCREEN_ROWS }, (_, n) => `line ${n}`),
    );
    expect(lines()[many - SCREEN_ROWS]).toMatch(/^tope /);
  });
});

describe('what has changed', () => {
  it('is a line that is drawn again, and its end', () => {
    const { screen, write } = createScreen();
    const changed = () => screen.terminal.takeChanged().map((row) => [row.n, row.text]);
    write('one\n10%');
    expect(changed()).toEqual([
      [0, 'one'],
      [1, '10%'],
    ]);
    const [, bar] = screen.terminal.rows;
    expect(bar && screen.terminal.isOpen(bar)).toBe(true);
    expect(changed()).toEqual([]);
    write('\r20%');
    expect(changed()).toEqual([[1, '20%']]);
    write('\n');
    expect(changed()).toEqual([[1, '20%']]);
    expect(bar && screen.terminal.isOpen(bar)).toBe(false);
  });

  it('of a flood is only the newest', () => {
    const { screen, write } = createScreen();
    write(`\x1b[m${'\n'.repeat(100_000)}end\n`);
    expect(screen.terminal.takeChanged(3).map((row) => row.n)).toEqual([99_998, 99_999, 100_000]);
  });
});

it('a long line is cut and says so', () => {
  const { screen, write } = createScreen();
  write(`${'x'.repeat(9000)}\n`);
  const [row] = screen.terminal.rows;
  expect(row && lineOf(row, false, []).text).toBe(`${'x'.repeat(MAX_LINE_CHARS)} … (line cut)`);
});

describe('lines that nobody asked for', () => {
  const push = (text: string, skip: number): string[] => {
    const { screen, lines } = createScreen();
    screen.push(Buffer.from(text), { skip });
    return lines();
  };

  it('are only counted', () => {
    expect(push('a\n\x1b[31mb\x1b[m\nc\nd\n', 2)).toEqual(['', '', 'c', 'd']);
    expect(push('a\nb', 2)).toEqual(['', 'b']);
  });

  it('are read where the cursor moves between them', () => {
    expect(push('a\nb\x1b[A\rc\n\nd\n', 3)).toEqual(['c', 'b', 'd']);
  });
});

/** What any program may write: nothing of it takes more time or memory than its length. */
describe('megabytes', () => {
  const filled = (text: string, megabytes = 2): Buffer =>
    Buffer.from(text.repeat(Math.ceil((megabytes * 1_000_000) / text.length)));
  const long = 'x'.repeat(9000);
  it.each([
    ['of one line', filled('x', 10)],
    ['of returns in one long line', Buffer.concat([Buffer.from(long), filled('\rx')])],
    ['of erasing', Buffer.concat([Buffer.from(long), filled('\x1b[1K\x1b[2K\x1b[9999Gx')])],
    ['of escapes', filled('\x1b')],
    ['of a title', Buffer.concat([Buffer.from('\x1b]0;'), filled('t')])],
    ['of cursors going up', filled('\x1b[A\n')],
    ['of empty lines after a color', Buffer.concat([Buffer.from('\x1b[A\x1b[m'), filled('\n')])],
    ['of lines that are written over', filled('ab\rx\n')],
    [
      'of everything',
      filled(Buffer.from(Array.from({ length: 256 }, (_, i) => i)).toString('latin1')),
    ],
  ])(
    '%s',
    (_, bytes) => {
      const { screen } = createScreen();
      // Of this process alone: the machine may be busy with others.
      const began = process.cpuUsage();
      for (let at = 0; at < bytes.length; at += 65_536) {
        screen.push(bytes.subarray(at, at + 65_536));
        screen.terminal.takeChanged(200).map((row) => lineOf(row, false, []));
      }
      expect(process.cpuUsage(began).user / 1000).toBeLessThan(bytes.length * 0.0006);
      expect(screen.terminal.rows.length).toBeLessThanOrEqual(SCREEN_ROWS);
    },
    30_000,
  );
});
