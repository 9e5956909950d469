import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { FAKE_ENGINE, type Faults, faultEnv } from '@fixtures/fake-adapter';
import { createTempHome, isListening, processesNaming, type TempHome } from '@fixtures/temp-home';
import { until } from '@fixtures/until';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readProcess } from '@fixtures/see-processes';

let home: TempHome;
let port: number;
let children: ChildProcess[];

beforeEach(async () => {
  home = await createTempHome();
  port = await home.freePort();
  children = [];
  await mkdir(join(home.folder, 'model'));
  await writeFile(join(home.folder, 'model', 'config.json'), '{"model_type":"llama"}');
  await writeFile(join(home.folder, 'model', 'model.safetensors'), '');
});

afterEach(async () => {
  for (const child of children) await stop(child);
  await home.close();
});

interface Run {
  readonly child: ChildProcess;
  /** What it has written so far. */
  said(): string;
  /** All that it wrote, once nobody can write any more. */
  readonly output: Promise<string>;
  readonly exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
}

function run(faults: Faults = {}, args: readonly string[] = []): Run {
  const model = join(home.folder, 'model');
  const child = spawn(
    process.execPath,
    [FAKE_ENGINE, '--model', model, '--port', String(port), ...args],
    { env: { ...process.env, ...faultEnv(faults) }, stdio: ['ignore', 'inherit', 'pipe'] },
  );
  children.push(child);
  const exited = once(child, 'exit').then(([code, signal]) => ({ code, signal }));
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text) => {
    said += text;
  });
  const output = once(child.stderr, 'close').then(() => said);
  return { child, said: () => said, output, exited };
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}

const untilListening = () => until(() => isListening(port), 'its port');

const url = (path: string): string => `http://127.0.0.1:${port}${path}`;

const chat = (body: object, signal?: AbortSignal): Promise<Response> =>
  fetch(url('/v1/chat/completions'), {
    method: 'POST',
    body: JSON.stringify({ messages: [{ role: 'user', content: 'hi' }], ...body }),
    ...(signal ? { signal } : {}),
  });

describe('the stand-in engine', () => {
  it('answers health, models and chat as mlx-lm does', async () => {
    run();
    await untilListening();
    expect((await fetch(url('/health'))).status).toBe(200);
    expect(await (await fetch(url('/v1/models'))).json()).toMatchObject({ object: 'list' });
    const answer = await (await chat({ max_tokens: 2 })).json();
    expect(answer).toMatchObject({ usage: { completion_tokens: 2 } });
    const streamed = await (await chat({ max_tokens: 3, stream: true })).text();
    expect(streamed.match(/^data: /gm)).toHaveLength(5);
    expect(streamed.endsWith('data: [DONE]\n\n')).toBe(true);
  });

  it('is healthy before it is loaded, and answers chat only then', async () => {
    run({ LOAD_MS: 600 });
    await untilListening();
    const began = Date.now();
    expect((await fetch(url('/health'))).status).toBe(200);
    await (await chat({ max_tokens: 1 })).text();
    expect(Date.now() - began).toBeGreaterThan(300);
  });

  it('stays alive after a failed load and says 503', async () => {
    const { child, output } = run({ FAIL: 'unsupported_architecture' });
    await untilListening();
    await until(async () => (await fetch(url('/health'))).status === 503, 'a bad health');
    expect(child.exitCode).toBeNull();
    await stop(child);
    expect(await output).toContain('Model type nonsense not supported');
  });

  it('ends with 0 after a failed load when it plays mlx-openai-server', async () => {
    const { exited, output } = run({ FAIL: 'model_incomplete', THEN: 0, HEALTH: 'after-load' });
    expect(await exited).toEqual({ code: 0, signal: null });
    expect(await output).toContain('invalid data offsets');
  });

  it('aborts, dies and refuses options as the real ones do', async () => {
    expect(await run({ ABORT_AFTER_MS: 0 }).exited).toEqual({ code: null, signal: 'SIGABRT' });
    expect(await run({ DIE_AFTER_MS: 10, DIE_CODE: 9 }).exited).toEqual({ code: 9, signal: null });
    expect(await run({}, ['--nope']).exited).toEqual({ code: 2, signal: null });
  });

  it('does not end when its port is taken', async () => {
    run();
    await untilListening();
    const second = run();
    await until(() => second.said().includes('Address already in use'), 'the text');
    expect(second.child.exitCode).toBeNull();
    await stop(second.child);
  });

  it.each(['accept', 'headers', 'chat'])('hangs at %s', async (HANG) => {
    run({ HANG });
    await untilListening();
    await until(async () => {
      const signal = AbortSignal.timeout(500);
      const answer = await chat({ max_tokens: 1 }, signal)
        .then((response) => response.text())
        .catch(() => undefined);
      return answer === undefined && signal.aborted;
    }, 'no answer');
  });

  it('ignores SIGTERM, and its children outlive it', async () => {
    const { child, said, output } = run({ IGNORE_TERM: true, CHILDREN: 1, CHILDREN_STAY: true });
    await untilListening();
    child.kill('SIGTERM');
    await until(() => said().includes('SIGTERM ignored'), 'the signal to be ignored');
    expect(child.exitCode).toBeNull();
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(await readProcess(child.pid ?? 0)).toBeUndefined();
    // The grandchild holds the pipe: the output ends when it does.
    const left = await leftOver();
    expect(left).toHaveLength(1);
    for (const pid of left) process.kill(pid, 'SIGKILL');
    expect(await output).toContain(`grandchild ${left[0]}`);
  });

  it('serves from a child process', async () => {
    const { child, exited } = run({ BIND_IN_CHILD: true, HTTP: '1.1' });
    await untilListening();
    expect((await fetch(url('/health'))).status).toBe(200);
    const left = (await leftOver()).filter((pid) => pid !== child.pid);
    expect(left).toHaveLength(1);
    for (const pid of left) process.kill(pid, 'SIGTERM');
    await exited;
  });

  it('floods its log', async () => {
    const { said } = run({ FLOOD_MB_PER_S: 20, FLOOD_SECONDS: 0.5 });
    await until(() => said().length > 5_000_000, 'five megabytes');
  });

  it('works again after the first starts', async () => {
    const count = { FIRST_STARTS: 1, COUNT_FILE: join(home.folder, 'count') };
    expect(await run({ ...count, EXIT_CODE: 3 }).exited).toEqual({ code: 3, signal: null });
    run({ ...count, EXIT_CODE: 3 });
    await untilListening();
    expect((await chat({ max_tokens: 1 })).status).toBe(200);
  });
});

async function leftOver(): Promise<number[]> {
  return (await processesNaming(home.folder)).map(({ pid }) => pid);
}
