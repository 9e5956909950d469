import { Output } from '@cli/terminal/output';
import { nameProblem } from '@core/hub/model-files';
import { ProfileName } from '@shared/domain/profile';
import { expect, test } from 'vitest';

/** Marks that turn the direction of writing, and what has no width. */
const TRICKS = ['\u202e', '\u200b', '\u2066', '\ufeff', '\u00ad', '\u001b', '\u009b', '\u3164'];

test.each(TRICKS.map((trick) => [trick.charCodeAt(0).toString(16), trick]))(
  'U+%s is refused in a name of a file and of a profile, and shown by its number in a terminal',
  (_, trick) => {
    expect(nameProblem(`config${trick}nosj.exe.json`)).toMatch(/invisible characters/);
    expect(ProfileName.safeParse(`Coder${trick}x`).success).toBe(false);
    expect(ProfileName.safeParse(trick).success).toBe(false);
    expect(printed((output) => output.lines(`a ${trick} b`))).not.toContain(trick);
    expect(
      printed((output) => output.lines(output.table(['NAME'], [[`a${trick}`]]))),
    ).not.toContain(trick);
  },
);

test('names that people write are taken', () => {
  for (const name of ['Qwen 3', '模型', 'مدل من', '👩‍💻 Coder', 'a-b_c.d', '!']) {
    expect(ProfileName.safeParse(name).success, name).toBe(true);
  }
  expect(ProfileName.safeParse('\u200d').success).toBe(false);
});

test('our own colours go through, and no other sequence', () => {
  const text = printed((output) => {
    output.lines([output.style('red', 'failed'), '\u001b[8mhidden\u001b]0;title\u0007']);
  }, true);
  expect(text).toBe('\u001b[31mfailed\u001b[39m\n\\u001b[8mhidden\\u001b]0;title\\u0007\n');
});

function printed(print: (output: Output) => void, colour = false): string {
  let text = '';
  const stream = {
    isTTY: colour,
    write: (chunk: string) => {
      text += chunk;
      return true;
    },
  };
  print(new Output({ stdout: stream, stderr: stream } as never, { json: false, noColour: false }));
  return text;
}
