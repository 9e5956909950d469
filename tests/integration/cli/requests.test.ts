import { mkdir } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { type CliHarness, createCliHarness } from '@fixtures/cli-harness';
import { aRecord, recordsIn } from '@fixtures/gateway-records';
import { until } from '@fixtures/until';
import type { RequestRecord } from '@shared/gateway/record';

let cli: CliHarness;
beforeEach(async () => {
  cli = await createCliHarness();
  await mkdir(cli.home.paths.home, { recursive: true });
});
afterEach(() => cli.close());

/** As a manager would have, before the command. */
function keep(...records: RequestRecord[]): void {
  const { records: own } = recordsIn(cli.home.paths.home);
  own.take(records);
  own.close();
}

describe('requests', () => {
  test('lists the newest last, from the disk where no manager runs', async () => {
    keep(
      aRecord(0, { session: 'a' }),
      aRecord(1, { session: 'b', changes: ['max_tokens 32000 became 8000'], queueMs: 1500 }),
      aRecord(2, {
        ...{ session: 'a', status: 400, ending: 'refused', promptTokens: undefined },
        error: { code: 'context_length_exceeded', message: 'prompt is too long' },
      }),
    );
    const [all] = await cli.json('requests');
    expect(all).toMatchObject([{ id: 'request-0' }, { id: 'request-1' }, { id: 'request-2' }]);
    const [two] = await cli.json('requests', '-n', '2', '--session', 'a');
    expect(two).toMatchObject([{ id: 'request-0' }, { id: 'request-2' }]);
    const { stdout, stderr, code } = await cli.run('requests');
    expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
    const [head, ...rows] = stdout.trimEnd().split('\n');
    expect(head).toMatch(
      /^TIME +PROFILE +CLIENT +STATUS +PROMPT +REUSED +ANSWER +FIRST +SPEED +WAITED/,
    );
    expect(rows[1]).toMatch(
      /qwen +codex 0.171 +200 +1,000 +900 +101 +200 ms +50.0 tok\/s +1.50 s +max_tokens 32000 became 8000$/,
    );
    expect(rows[2]).toMatch(/ 400 .*prompt is too long$/);
  });

  test('says where there are none, and where there is no such profile', async () => {
    const { stdout, stderr } = await cli.run('requests');
    expect({ stdout, stderr }).toEqual({
      stdout: '',
      stderr: 'No requests went through the gateway.\n',
    });
    const { code, error } = await cli.failure('requests', '--profile', 'Nothing');
    expect({ code, error }).toMatchObject({ code: 1, error: { code: 'not_found' } });
  });

  test('follows only a running manager', async () => {
    const { code, error } = await cli.failure('requests', '-f');
    expect({ code, error }).toMatchObject({ code: 1, error: { code: 'not_running' } });
    keep(aRecord(0), aRecord(1));
    const served = await cli.serve();
    const following = cli.spawn('requests', '-f', '-n', '1', '--json');
    let seen = '';
    following.stdout?.on('data', (chunk) => {
      seen += chunk;
    });
    await until(() => seen.includes('\n'), 'the newest request');
    expect(JSON.parse(seen)).toMatchObject({ id: 'request-1' });
    const ended = new Promise((resolve) => following.once('close', resolve));
    following.kill('SIGINT');
    expect(await ended).toBe(130);
    await served.end();
  });
});

describe('sessions', () => {
  test('lists them, and tells of one what was computed again', async () => {
    keep(
      aRecord(0, { session: 'a', client: 'claude-code 2.1' }),
      aRecord(1, {
        ...{ session: 'a', client: 'claude-code 2.1', cachedTokens: 100 },
        prefix: {
          ...{ cause: 'changing_line', commonParts: 0, part: 1, role: 'system', line: 2 },
          ...{ tokensAgain: 850, secondsAgain: 1.7, isEstimate: false },
        },
      }),
    );
    const [list] = await cli.json('sessions');
    expect(list).toMatchObject([{ id: 'a', requests: 2, reuse: 0.5 }]);
    const [detail] = await cli.json('sessions', 'a');
    expect(detail).toMatchObject({ session: { id: 'a' }, requests: [{ id: 'request-1' }, {}] });
    const { stdout } = await cli.run('sessions', 'a');
    expect(stdout).toContain(
      'Line 2 of the system message (part 1) holds a value that changes with each request',
    );
    expect(stdout).toContain('Computed again: 850 tokens, 1.7 s.');
    expect(stdout).toContain('What helps: Start Claude Code with CLAUDE_CODE_ATTRIBUTION_HEADER=0');
    expect((await cli.run('sessions')).stdout).toContain('changing line: 850 tokens, 1.7 s again');
    const { error } = await cli.failure('sessions', 'b');
    expect(error).toMatchObject({ code: 'not_found' });
  });
});
