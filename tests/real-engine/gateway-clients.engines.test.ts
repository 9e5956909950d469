import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import { DEMO_SENTENCE } from '@core/models/demo-model';
import {
  type ClientRun,
  CODING_CLIENTS,
  type CodingClient,
  type Installed,
  installClient,
  runClient,
  workFolder,
} from '@fixtures/coding-clients';
import { jobEnd, registerEngine } from '@fixtures/core-harness';
import { writeEndingModel } from '@fixtures/ending-model';
import { type Faults, faultEnv } from '@fixtures/fake-adapter';
import { type ManagerProcess, startManager } from '@fixtures/manager-process';
import { until } from '@fixtures/until';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import type { Installation } from '@shared/domain/engine';
import type { GatewayRequest } from '@shared/domain/gateway-records';

/** Coding agents out of npm's registry, driven without hands through the gateway of a built manager. */
let manager: ManagerProcess;
let url: string;
let standIn: Installation;
const installed = new Map<CodingClient, Installed>();
const table: string[] = [];
let runs = 0;

beforeAll(async () => {
  manager = await startManager({ gatewayPort: 0 });
  const core = await manager.client();
  standIn = await registerEngine(core);
  const status = await core.call('gateway.status');
  url = status.url ?? expect.fail(`The gateway is ${status.state}.`);
  // One after the other: each has hundreds of megabytes.
  for (const client of CODING_CLIENTS) installed.set(client, await installClient(client));
}, 900_000);

afterAll(async () => {
  console.log(['client | case | outcome | requests | seconds', ...table].join('\n'));
  await manager.close();
});

const ANSWER = 'Hello from the stand-in engine.';
const IN_FILE = 'the-word-in-the-file';
/** More than any client's first request has. */
const ROOMY = 200_000;
/** As many requests may wait for one profile. */
const QUEUE = 100;
const LONG_LOAD_MS = 20_000;
/** Longer than the slowest client takes from its start to its first request. */
const LONGER_LOAD_MS = 35_000;

interface Driven extends ClientRun {
  /** The profile's name. */
  readonly name: string;
  /** What the client printed. */
  readonly said: string;
  /** The oldest first. */
  readonly requests: readonly GatewayRequest[];
}

/** What of a profile is otherwise than that of the stand-in. */
interface ProfileFields {
  readonly installation?: string | undefined;
  readonly env?: Readonly<Record<string, string>>;
}

interface Case {
  readonly faults?: Faults;
  readonly start?: 'manual';
  /** Tokens of the profile's context. */
  readonly context?: (client: CodingClient) => number;
  readonly prompt?: (client: CodingClient) => string;
  /** The stand-in has the client read a file of its work folder. */
  readonly reads?: boolean;
  /** What goes on beside the client, with the profile's name; ends what it began when told to. */
  readonly beside?: (name: string, profileId: string, ended: AbortSignal) => Promise<void>;
  /** Proves the case and names its outcome for the table. */
  readonly outcome: (driven: Driven, client: CodingClient) => string;
}

async function drive(
  client: CodingClient,
  what: Case,
  fields: ProfileFields = {},
): Promise<Driven> {
  const found = installed.get(client);
  if (!found || 'reason' in found) throw new Error(`${client.name} isn't installed.`);
  runs += 1;
  const name = `client-${runs}`;
  const home = join(manager.home.folder, name);
  await mkdir(home);
  const model = join(home, 'model');
  await writeEndingModel(model, what.context?.(client) ?? ROOMY);
  const call = what.reads && client.readFileCall(join(workFolder(home), 'file.txt'));
  const core = await manager.client();
  const { profile } = await core.call('profiles.createLocal', {
    ...{ name, model, start: what.start ?? 'request', port: await manager.home.freePort() },
    installation: standIn.id,
    env: faultEnv({
      ...{ ENDS: true, SAYS_RESULT: true },
      ...(call ? { TOOL_CALLS: JSON.stringify([call]) } : {}),
      ...what.faults,
    }),
    ...fields,
  });
  const ended = new AbortController();
  const beside = what.beside?.(name, profile.id, ended.signal);
  try {
    const run = await runClient(client, {
      ...{ program: found.program, home, target: { url, model: name } },
      prompt: what.prompt?.(client) ?? 'Say one short word and stop.',
      files: { 'file.txt': `${IN_FILE}\n` },
    });
    // Fixed wait: records come in batches a few times a second, and nothing tells that there are no more.
    await pause(1000);
    const newestFirst = await core.call('gateway.requests', { profileId: profile.id, limit: 1000 });
    const requests = newestFirst.toReversed();
    return { ...run, name, said: `${run.stdout}\n${run.stderr}`, requests };
  } finally {
    ended.abort();
    await beside;
    await core.call('profiles.delete', { profileId: profile.id, stop: true });
    await rm(home, { recursive: true, force: true });
  }
}

/** The requests of a person's turn, each as what became of it. */
const turns = ({ requests }: Driven): readonly string[] =>
  requests.filter((one) => !one.sideCall).map((one) => one.error?.code ?? one.stop ?? one.ending);

function answered(driven: Driven, text = ANSWER): void {
  expect(driven).toMatchObject({ code: 0, stdout: expect.stringContaining(text) });
}

/** Asks for the profile until its queue is full, and leaves it again when somebody else was refused for that. */
async function fillQueue(name: string, profileId: string, ended: AbortSignal): Promise<void> {
  const left = new AbortController();
  const signal = AbortSignal.any([ended, left.signal]);
  const waiting = Array.from({ length: QUEUE }, () =>
    fetch(`${url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        model: name,
        messages: [{ role: 'user', content: '.' }],
        stream: true,
      }),
      signal,
    }).then(
      (answer) => answer.text(),
      () => undefined,
    ),
  );
  const core = await manager.client();
  const isRefused = async (): Promise<boolean> =>
    ended.aborted ||
    (await core.call('gateway.requests', { profileId, limit: 1000 })).some(
      ({ status }) => status === 429,
    );
  await until(isRefused, 'a request to be refused');
  left.abort();
  await Promise.allSettled(waiting);
}

const CASES: Readonly<Record<string, Case>> = {
  'a text': {
    outcome(driven) {
      answered(driven);
      expect(turns(driven)).toEqual(['stop']);
      return 'answered';
    },
  },
  'a tool call and its second turn': {
    reads: true,
    outcome(driven) {
      answered(driven, IN_FILE);
      expect(turns(driven)).toEqual(['tool_calls', 'stop']);
      return 'the tool ran, its result came back';
    },
  },
  'a conversation that is too long': {
    context: ({ fixedTokens }) => Math.round(fixedTokens * 1.6),
    prompt: ({ fixedTokens }) => `Say one word. ${'word '.repeat(fixedTokens / 5)}`,
    outcome(driven) {
      expect(turns(driven)[0]).toBe('context_length_exceeded');
      // A request of fewer words that was answered is the summary.
      if (turns(driven).includes('stop')) return 'summarizes';
      expect(driven.said).toMatch(/ran out of room|prompt is too long/i);
      return 'ends and says why';
    },
  },
  'a context that is too small for the client': {
    context: ({ fixedTokens }) => Math.round(fixedTokens / 2),
    outcome(driven) {
      expect(driven.code).toBeGreaterThan(0);
      expect(driven.said).toMatch(/take \d+ tokens, and client-\d+ has room for \d+\./);
      expect(new Set(turns(driven))).toEqual(new Set(['context_too_small']));
      return 'ends with our sentence';
    },
  },
  'a model that loads for 20 s': {
    faults: { LOAD_MS: LONG_LOAD_MS, HEALTH: 'after-load' },
    outcome(driven) {
      answered(driven);
      expect(turns(driven)).toEqual(['stop']);
      return 'waits, answered by the same request';
    },
  },
  'a stream that is cut': {
    faults: { CUT_AFTER_TOKENS: 2, FAULTY_STREAMS: 2 },
    outcome(driven) {
      answered(driven);
      expect(turns(driven)).toContain('upstream_closed');
      expect(turns(driven).at(-1)).toBe('stop');
      return 'asks again, answered';
    },
  },
  'an engine that is busy: 503': {
    faults: { CHAT_FAULT: 'status-503', FAULTY_STREAMS: 1 },
    outcome(driven) {
      answered(driven);
      expect(driven.requests.map(({ status }) => status)).toContain(503);
      return 'asks again, answered';
    },
  },
  'a queue that is full: 429': {
    faults: { LOAD_MS: LONGER_LOAD_MS, HEALTH: 'after-load' },
    beside: fillQueue,
    outcome(driven) {
      answered(driven);
      expect(driven.requests.map(({ status }) => status)).toContain(429);
      return 'asks again, answered';
    },
  },
  'a profile that no request starts: 503': {
    start: 'manual',
    outcome(driven) {
      expect(driven.code).toBeGreaterThan(0);
      expect(driven.said).toContain(`run mlx-manager start ${driven.name}`);
      return 'ends with our sentence';
    },
  },
};

describe.each(CODING_CLIENTS)('$name', (client) => {
  const run = async (what: string, one: Case, fields: ProfileFields = {}): Promise<void> => {
    const driven = await drive(client, one, fields);
    const row = (outcome: string): void => {
      const { requests, seconds } = driven;
      table.push([client.name, what, outcome, requests.length, seconds].join(' | '));
    };
    try {
      row(one.outcome(driven, client));
    } catch (error) {
      row('not as it should be');
      console.log(client.name, what, driven.code, driven.said, driven.requests);
      throw error;
    }
  };

  test.for(Object.entries(CASES))('%s', async ([what, one], context) => {
    const found = installed.get(client);
    if (found && 'reason' in found) context.skip(found.reason);
    await run(what, one);
  });

  test('a text of the real mlx-lm', async (context) => {
    const found = installed.get(client);
    if (found && 'reason' in found) context.skip(found.reason);
    const core = await manager.client();
    const isReal = ({ id }: Installation): boolean => id !== standIn.id;
    if (!(await core.call('engines.list')).some(isReal)) {
      await jobEnd(core, (await core.call('engines.install', { engine: 'mlx-lm' })).id);
    }
    const real = (await core.call('engines.list')).find(isReal);
    const outcome = (driven: Driven): string => {
      answered(driven, DEMO_SENTENCE);
      expect(turns(driven)).toEqual(['stop']);
      return 'answered';
    };
    // The engine knows none of the stand-in's switches, and needs none.
    await run('a text of the real mlx-lm', { outcome }, { installation: real?.id, env: {} });
  });
});
