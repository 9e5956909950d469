import { adapters, engineAdapter } from '@core/engines/adapters';
import { customAdapter } from '@core/engines/adapters/custom';
import { hasSafeMode, safeModeOptions, safeModeText } from '@core/engines/options/safe-mode';
import { expect, test } from 'vitest';

test('each engine lowers what it has', () => {
  const lowered = Object.fromEntries(
    adapters.map((adapter) => [adapter.id, Object.keys(safeModeOptions({}, adapter, []))]),
  );
  expect(lowered).toEqual({
    'mlx-lm': ['kv-bits', 'parallel-requests', 'prompt-cache-memory'],
    'mlx-vlm': ['context-length', 'kv-bits', 'parallel-requests'],
    'vllm-mlx': ['context-length', 'kv-bits', 'parallel-requests', 'prompt-cache-memory'],
    'mlx-openai-server': ['context-length', 'kv-bits', 'parallel-requests', 'prompt-cache-memory'],
  });
  expect(adapters.every(hasSafeMode)).toBe(true);
  expect(hasSafeMode(customAdapter({ command: '/x', readinessPath: '/', chat: true }))).toBe(false);
});

test('what is lower already stays, everything else of the profile too', () => {
  const adapter = engineAdapter('vllm-mlx');
  const options = {
    'context-length': 1024,
    'prompt-cache-memory': '8GB',
    'parallel-requests': '16',
    temperature: 0.5,
  };
  expect(safeModeOptions(options, adapter, [])).toEqual({
    'context-length': 1024,
    'kv-bits': 4,
    'prompt-cache-memory': '200MB',
    'parallel-requests': 1,
    temperature: 0.5,
  });
  expect(safeModeText(options, safeModeOptions(options, adapter, []))).toBe(
    'prompt-cache-memory 200MB, parallel-requests 1, kv-bits 4',
  );
});

test('an option that the installed version lacks is not passed', () => {
  const known = [
    {
      key: 'parallel-requests',
      flag: '--decode-concurrency',
      type: 'integer' as const,
      help: '',
      group: 'common' as const,
      label: '',
      localOnly: false,
      reserved: false,
    },
  ];
  expect(safeModeOptions({}, engineAdapter('mlx-lm'), known)).toEqual({ 'parallel-requests': 1 });
});
