import { readFileSync } from 'node:fs';

import { expect, test } from 'vitest';

import { engineAdapter } from '@core/engines/adapters';
import type { CommandInput } from '@core/engines/adapters/adapter';
import { mlxLm } from '@core/engines/adapters/mlx-lm';
import { parseOptions } from '@core/engines/options/options-parser';

const known = parseOptions(
  readFileSync(new URL('mlx-lm-0.32.2-help.txt', import.meta.url), 'utf8'),
  mlxLm,
);
const input = (changes: Partial<CommandInput> = {}): CommandInput => ({
  bin: '/venv/bin',
  modelPath: '/models/a b',
  host: '127.0.0.1',
  port: 10240,
  options: {},
  known,
  extraArgs: [],
  ...changes,
});

test('the command closes what the engine leaves open', () => {
  expect(mlxLm.command(input())).toEqual({
    file: '/venv/bin/mlx_lm.server',
    args: [
      ...['--model', '/models/a b', '--host', '127.0.0.1', '--port', '10240'],
      ...['--allowed-origins', 'https://closed.invalid', '--prompt-cache-bytes', '2GB'],
    ],
  });
});

test('options become arguments, extra arguments come last, a chosen cache size replaces ours', () => {
  const { args } = mlxLm.command(
    input({
      options: {
        'prompt-cache-memory': '1GB',
        'max-tokens': 64,
        'trust-remote-code': true,
        pipeline: false,
        'use-default-chat-template': 'true',
        'chat-template': '-{{ x }}',
        'not-in-this-version': 1,
        port: 1,
      },
      extraArgs: ['--nope', 'x y'],
    }),
  );
  expect(args.slice(8)).toEqual([
    ...['--prompt-cache-bytes', '1GB', '--max-tokens', '64', '--trust-remote-code'],
    ...['--use-default-chat-template', '--chat-template=-{{ x }}', '--nope', 'x y'],
  ]);
});

test('a version without the closing options is not given them', () => {
  const old = known.filter(({ key }) => key === 'model' || key === 'port' || key === 'host');
  expect(mlxLm.command(input({ known: old })).args).toHaveLength(6);
  expect(mlxLm.command(input({ command: '/opt/server' })).file).toBe('/opt/server');
});

test('an unknown engine is refused with the known ones', () => {
  expect(engineAdapter('mlx-lm')).toBe(mlxLm);
  expect(() => engineAdapter('nope')).toThrow(/Unknown engine "nope"\. Engines: mlx-lm/);
});

/** Last telling lines of mlx-lm 0.32.2 and of the macOS system, as printed. */
const LINES: readonly (readonly [string, string, string])[] = [
  ['OSError: [Errno 98] Address already in use', 'port_in_use', 'port'],
  ['OSError: [Errno 48] Address already in use', 'port_in_use', 'port'],
  ['mlx_lm.server: error: unrecognized arguments: --nope', 'bad_option', "doesn't support --nope"],
  ["mlx_lm.server: error: argument --max-tokens: invalid int value: 'abc'", 'bad_option', 'abc'],
  ["decimal.InvalidOperation: [<class 'decimal.ConversionSyntax'>]", 'bad_option', 'cache-bytes'],
  ['FileNotFoundError: The adapter path does not exist: /nonexist', 'bad_option', '/nonexist'],
  ['ValueError: Model type zzz not supported.', 'unsupported_architecture', 'architecture zzz'],
  [
    "RuntimeError: [load_safetensors] Tensor 'lm_head.weight' invalid data offsets (177280, 354560) exceeding the size of the file. Perhaps an incomplete download or corrupt file?",
    'model_incomplete',
    'truncated',
  ],
  [
    'RuntimeError: [load_safetensors] The JSON header is 1224 bytes long but the file is only 100 bytes. Perhaps an incomplete download or corrupt file?',
    'model_incomplete',
    'truncated',
  ],
  ['RuntimeError: [read] Unable to read 8 bytes from file.', 'model_incomplete', 'empty'],
  ['FileNotFoundError: No safetensors found in /m', 'model_incomplete', '/m'],
  [
    "FileNotFoundError: [Errno 2] No such file or directory: '/m/config.json'",
    'model_incomplete',
    '/m/config.json',
  ],
  [
    'ValueError: Expected shape (277, 256) but received shape (277, 320) for parameter model.embed_tokens.weight',
    'model_incomplete',
    'model.embed_tokens.weight',
  ],
  ['ValueError: Missing 9 parameters: ', 'model_incomplete', '9 tensors'],
  [
    "ValueError: Couldn't instantiate the backend tokenizer from one of: ",
    'model_incomplete',
    'tokenizer',
  ],
  [
    "huggingface_hub.errors.HFValidationError: Repo id must use alphanumeric chars, '-', '_' or '.'. The name cannot start or end with '-' or '.' and the maximum length is 96: '/nonexist'.",
    'model_missing',
    '/nonexist',
  ],
  [
    "ValueError: The model at /m requires importing and running a custom module ('m.py') to build its architecture.",
    'custom_code',
    'trust-remote-code',
  ],
  [
    'libc++abi: terminating due to uncaught exception of type std::runtime_error: [METAL] Command buffer execution failed: Insufficient Memory (00000008:kIOGPUCommandBufferCallbackErrorOutOfMemory)',
    'out_of_memory',
    'memory',
  ],
  ['[metal::malloc] Resource limit (499000) exceeded.', 'out_of_memory', 'memory'],
  ["ModuleNotFoundError: No module named 'transformers'", 'engine_broken', 'transformers'],
  ['dyld[123]: Library not loaded: @rpath/libmlx.dylib', 'engine_broken', 'libmlx'],
  [
    "PermissionError: [Errno 13] Permission denied: '/m/model.safetensors'",
    'permission',
    '/m/model.safetensors',
  ],
];

test.each(LINES)('%s', (line, code, part) => {
  const found = mlxLm.failures.find(({ pattern }) => pattern.test(line));
  expect(found?.code).toBe(code);
  const match = found?.pattern.exec(line);
  const sentence = found?.message.replace(/\$(\d)/g, (_, n: string) => match?.[Number(n)] ?? '');
  expect(sentence).toContain(part);
});

test('ordinary lines are no failure', () => {
  const ordinary = [
    '2026-11-23 11:52:01,492 - INFO - - assistant: 2 sequences, 0.00 GB',
    '127.0.0.1 - - [23/Nov/2026 11:52:01] "POST /v1/completions HTTP/1.1" 200 -',
    "ModuleNotFoundError: No module named 'mlx_lm.models.zzz'",
    'Starting httpd at 127.0.0.1 on port 18080...',
  ];
  for (const line of ordinary) {
    expect(
      mlxLm.failures.find(({ pattern }) => pattern.test(line)),
      line,
    ).toBeUndefined();
  }
});
