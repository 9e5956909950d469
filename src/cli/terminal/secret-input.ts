import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';

import { DomainError, messageOf } from '@shared/errors';
import { systemProblem } from '@shared/errors/system-error';

/** A secret: from a file, typed without an echo on a terminal, or from standard input. Never an argument. */
export async function readSecret(question: string, file: string | undefined): Promise<string> {
  const given = file === undefined ? await fromInput(question) : await fromFile(file);
  const secret = given.trim();
  if (secret === '') throw new DomainError('usage', 'The token is empty.');
  return secret;
}

async function fromFile(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const message =
      systemProblem(error, file)?.sentence ?? `Can't read ${file}: ${messageOf(error)}`;
    throw new DomainError('usage', message);
  }
}

async function fromInput(question: string): Promise<string> {
  const { stdin, stderr } = process;
  if (!stdin.isTTY) return text(stdin);
  stderr.write(question);
  stdin.setRawMode(true);
  try {
    return await readLine(stdin);
  } finally {
    stdin.setRawMode(false);
    stdin.pause();
    stderr.write('\n');
  }
}

/** One line of a terminal in raw mode; Ctrl-C ends as it does everywhere. */
function readLine(stdin: NodeJS.ReadStream): Promise<string> {
  return new Promise((resolve) => {
    let line = '';
    const take = (chunk: Buffer): void => {
      for (const letter of chunk.toString('utf8')) {
        if (letter === '\u0003') process.kill(process.pid, 'SIGINT');
        else if (letter === '\r' || letter === '\n' || letter === '\u0004') {
          stdin.off('data', take);
          resolve(line);
          return;
        } else if (letter === '\u007f' || letter === '\b') line = line.slice(0, -1);
        else line += letter;
      }
    };
    stdin.on('data', take);
  });
}
