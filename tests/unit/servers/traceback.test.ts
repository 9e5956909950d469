import { mlxLm } from '@core/engines/adapters/mlx-lm';
import { classifyExit, tellsOfEnd } from '@core/servers/health/classify-exit';
import { findTracebacks, findUncaught } from '@core/servers/health/traceback';
import type { LogLine } from '@shared/domain/log';
import { describe, expect, it } from 'vitest';

import { FAILURES } from '../../fixtures/fake-engine/texts.mjs';

function linesOf(text: string, changes: Partial<LogLine> = {}): LogLine[] {
  return text
    .replace(/^\n/, '')
    .split('\n')
    .map((line, n) => ({ n, time: '', source: 'engine', text: line, ...changes }));
}

const FRAMES = `
Traceback (most recent call last):
  File "/venv/lib/python3.12/site-packages/mlx_lm/server.py", line 544, in _run_generate
    self._generate()
ValueError: no such layer: 12`;

const MAIN = `
Traceback (most recent call last):
  File "/venv/bin/mlx_lm.server", line 8, in <module>
    sys.exit(main())
             ^^^^^^
  File "/venv/lib/python3.12/site-packages/mlx_lm/server.py", line 2086, in main
    run(args.host, args.port, ModelProvider(args))
RuntimeError: made to fail`;

describe('a traceback', () => {
  it.each([
    ['of the main thread', MAIN, 'main', 'RuntimeError: made to fail'],
    [
      'of a program that is run as a module',
      MAIN.replace(
        '"/venv/bin/mlx_lm.server", line 8, in <module>',
        '"<frozen runpy>", line 198, in _run_module_as_main',
      ),
      'main',
      'RuntimeError: made to fail',
    ],
    [
      'of a thread',
      `Exception in thread Thread-1 (_generate):${FRAMES}`,
      'thread',
      'ValueError: no such layer: 12',
    ],
    [
      'of a helper thread',
      `Exception in thread Thread-auto_conversion:${FRAMES}`,
      'logged',
      'ValueError: no such layer: 12',
    ],
    [
      'that was caught and logged',
      `2026-11-30 18:37:57,871 - ERROR - died: x${FRAMES}`,
      'logged',
      'ValueError: no such layer: 12',
    ],
    ['that was caught and printed', FRAMES, 'logged', 'ValueError: no such layer: 12'],
    [
      'that was caught at the top of a module',
      MAIN.replace('/venv/bin/mlx_lm.server', '/venv/lib/python3.12/site-packages/x/__init__.py'),
      'logged',
      'RuntimeError: made to fail',
    ],
    [
      'of a request',
      FAILURES.request.join('\n'),
      'request',
      'BrokenPipeError: [Errno 32] Broken pipe',
    ],
    [
      'of a request of uvicorn',
      `ERROR:    Exception in ASGI application${FRAMES}`,
      'request',
      'ValueError: no such layer: 12',
    ],
    [
      'while Python tidies up',
      `Exception ignored in: <function A.__del__ at 0x7f>${FRAMES}`,
      'request',
      'ValueError: no such layer: 12',
    ],
    ['without a message', MAIN.replace(': made to fail', ''), 'main', 'RuntimeError'],
    [
      'of a class in a module',
      MAIN.replace('RuntimeError', 'json.decoder.JSONDecodeError'),
      'main',
      'json.decoder.JSONDecodeError: made to fail',
    ],
    [
      'with lines of others in between',
      MAIN.replace(
        'RuntimeError',
        '2026-11-30 18:37:57,871 - INFO - loading\nINFO:     Started server process\nRuntimeError',
      ),
      'main',
      'RuntimeError: made to fail',
    ],
    [
      'of a chain',
      `${FRAMES.slice(1)}\n\nDuring handling of the above exception, another exception occurred:\n${MAIN}`,
      'main',
      'RuntimeError: made to fail',
    ],
    [
      'of a chain in a thread',
      `Exception in thread worker:${FRAMES}\n\nThe above exception was the direct cause of the following exception:\n${FRAMES.replace('ValueError: no', 'KeyError: no')}`,
      'thread',
      'KeyError: no such layer: 12',
    ],
  ])('%s', (_, text, where, words) => {
    const found = findTracebacks(linesOf(text));
    expect(found.map((one) => [one.where, one.line.text])).toEqual([[where, words]]);
    const isEnd = where === 'main' || where === 'thread';
    expect(findUncaught(linesOf(text))?.line.text).toBe(isEnd ? words : undefined);
  });

  it('that is not printed to its end is none yet', () => {
    const cut = MAIN.slice(0, MAIN.lastIndexOf('\n'));
    expect(findTracebacks(linesOf(cut))).toEqual([]);
    expect(findTracebacks(linesOf(`${cut}\n${MAIN}`)).length).toBe(1);
  });

  it('is looked for in what the engine wrote', () => {
    for (const source of ['manager', 'probe'] as const)
      expect(findTracebacks(linesOf(MAIN, { source }))).toEqual([]);
  });
});

describe('the failure', () => {
  const adapter = mlxLm;
  const lived = { adapter, exit: undefined, wasReady: false, seconds: 1 };
  const exited = { ...lived, exit: { code: 1, signal: null } };
  const evidence = (label: string, text: string) => expect.arrayContaining([{ label, text }]);

  it('of a main thread that ended is told in the exception’s own words', () => {
    expect(classifyExit({ ...lived, lines: linesOf(MAIN) })).toMatchObject({
      code: 'exited',
      message: 'The engine’s main thread ended: RuntimeError: made to fail.',
      evidence: evidence('Log', 'RuntimeError: made to fail'),
    });
  });

  it('of a thread that ended names the thread', () => {
    const lines = linesOf(`Exception in thread loader:${FRAMES}`);
    expect(classifyExit({ ...lived, lines }).message).toBe(
      'The engine’s thread loader ended: ValueError: no such layer: 12.',
    );
  });

  it('of an exit names the exception that was printed last', () => {
    const lines = linesOf(`${MAIN}\nbye`);
    expect(classifyExit({ ...exited, lines }).message).toBe(
      'The engine quit unexpectedly while it was loading (exit code 1): RuntimeError: made to fail.',
    );
  });

  it('of an exit after ready does not name a request that failed long ago', () => {
    const lines = linesOf(`2026-11-30 - ERROR - bad request${FRAMES}\nbye`);
    expect(classifyExit({ ...exited, wasReady: true, lines })).toMatchObject({
      message: expect.stringContaining("Its log doesn't say why"),
      evidence: evidence('Last line', 'bye'),
    });
  });

  it('is never told by the manager’s own requests', () => {
    const said = linesOf('Loading weights');
    const asked = linesOf('"GET ///health HTTP/1.1" 503 -', { source: 'probe', n: 1 });
    const failure = classifyExit({ ...lived, lines: [...said, ...asked] });
    expect(failure.evidence.at(-1)).toEqual({ label: 'Last line', text: 'Loading weights' });
  });

  it.each([
    ['loading', false],
    ['ready', true],
  ])('of a generation thread that died is its exception, while %s', (_, wasReady) => {
    const lines = linesOf(FAILURES.generation_thread.join('\n'));
    expect(classifyExit({ ...lived, wasReady, lines })).toMatchObject({
      code: 'exited',
      message:
        "The engine’s generation thread ended: TypeError: unsupported operand type(s) for /: 'int' and 'str'.",
      evidence: evidence('Log', "TypeError: unsupported operand type(s) for /: 'int' and 'str'"),
    });
  });

  it('of a generation thread is the cause where a text names it', () => {
    const lines = linesOf(FAILURES.unsupported_architecture.join('\n'));
    expect(classifyExit({ ...lived, lines }).code).toBe('unsupported_architecture');
  });
});

it('after ready only the end of the generation thread is the end of the server', () => {
  for (const text of [FAILURES.generation_thread, ['Exception in thread Thread-1 (_generate):']])
    expect(tellsOfEnd(mlxLm, linesOf(text.join('\n')))).toBe(true);
  for (const text of [FAILURES.request, FAILURES.no_weights.slice(1), FAILURES.permission])
    expect(tellsOfEnd(mlxLm, linesOf(text.join('\n')))).toBe(false);
  const probe = linesOf(FAILURES.generation_thread.join('\n'), { source: 'probe' });
  expect(tellsOfEnd(mlxLm, probe)).toBe(false);
});
