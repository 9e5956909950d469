import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

import {
  type ClientRun,
  CODING_CLIENTS,
  type CodingClient,
  installClient,
  runClient,
  workFolder,
} from '@fixtures/coding-clients';
import { writeEndingModel } from '@fixtures/ending-model';
import { type Faults, faultEnv } from '@fixtures/fake-adapter';
import { type ManagerProcess, startManager } from '@fixtures/manager-process';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';

import type { GatewayRequest } from '@shared/domain/gateway-records';

/** Coding agents out of npm's registry, driven without hands through the gateway of a built manager. */
let manager: ManagerProcess;
let url: string;
let roomyModel: string;
const programs = new Map<CodingClient, string>();
const reasons = new Map<CodingClient, string>();
const outcomes: string[] = [];

/** More than any client's first request has bytes, and the models' tokens are bytes. */
const ROOMY = 200_000;

beforeAll(async () => {
  manager = await startManager({ gatewayPort: 0 });
  await manager.registerEngine();
  const status = await (await manager.client()).call('gateway.status');
  url = status.url ?? expect.fail(`The gateway is ${status.state}.`);
  roomyModel = await model('roomy', ROOMY);
  // One after the other: each has hundreds of megabytes.
  for (const client of CODING_CLIENTS) {
    const installed = await installClient(client);
    if ('program' in installed) programs.set(client, installed.program);
    else reasons.set(client, installed.reason);
  }
}, 1_200_000);

afterAll(async () => {
  console.log(['Client x case: outcome', ...outcomes].join('\n'));
  await manager.close();
});

async function model(name: string, context: number): Promise<string> {
  const folder = join(manager.home.folder, 'client models', name);
  await writeEndingModel(folder, context);
  return folder;
}

const WORDS = ['Hello', ' from', ' the', ' stand-in', ' engine', '.'];
const ANSWER = WORDS.join('');
const SECRET = 'the-word-in-the-file';

interface Turn {
  readonly faults?: Faults;
  readonly model?: string;
  readonly start?: 'request' | 'manual';
  readonly prompt?: string;
  /** The stand-in calls the client's tool that reads this file of its work folder. */
  readonly reads?: string;
  readonly files?: Readonly<Record<string, string>>;
}

let runs = 0;

async function drive(client: CodingClient, what: string, turn: Turn) {
  const program = programs.get(client) ?? expect.fail('not installed');
  const core = await manager.client();
  runs += 1;
  const home = join(manager.home.folder, `client ${runs}`);
  await mkdir(home, { recursive: true });
  const call = turn.reads && client.readFileCall(join(workFolder(home), turn.reads));
  const { profile } = await core.call('profiles.createLocal', {
    name: `client-${runs}`,
    model: turn.model ?? roomyModel,
    start: turn.start ?? 'request',
    port: await manager.home.freePort(),
    env: faultEnv({
      ENDS: true,
      SAYS_RESULT: true,
      ...(call ? { TOOL_CALLS: JSON.stringify([call]) } : {}),
      ...turn.faults,
    }),
  });
  const run = await runClient(client, {
    program,
    home,
    target: { url, model: profile.name },
    prompt: turn.prompt ?? 'Say one short word and stop.',
    ...(turn.files ? { files: turn.files } : {}),
  });
  await core.call('profiles.delete', { profileId: profile.id, stop: true });
  await new Promise((resolve) => setTimeout(resolve, 1000));
  const requests = await core.call('gateway.requests', { profileId: profile.id, limit: 100 });

  await rm(home, { recursive: true, force: true });
  console.log(client.name, what, run, requests.map(short).reverse());
  return { run, requests: requests.toReversed() };
}

function short(r: GatewayRequest) {
  return `${r.operation} ${r.sideCall ? 'side ' : ''}${r.status} ${r.ending} ${r.error?.code ?? r.stop} prompt ${r.promptTokens} queue ${r.queueMs} load ${r.loadMs} total ${r.totalMs} ${r.error?.message ?? ''} ${r.changes.join('; ')}`;
}

describe.each(CODING_CLIENTS)('$name', (client) => {
  const only = process.env.CASES?.split(',');
  const cases: Record<string, Turn> = {
    text: {},
    tool: { reads: 'secret.txt', files: { 'secret.txt': `${SECRET}\n` } },
    overflow: {},
    loads: { faults: { LOAD_MS: 20_000, HEALTH: 'after-load' } },
    cut: { faults: { CUT_AFTER_TOKENS: 2, FAULTY_STREAMS: 1 } },
    busy: { faults: { CHAT_FAULT: 'status-503', FAULTY_STREAMS: 1 } },
    manual: { start: 'manual' },
  };
  test.each(Object.entries(cases))('%s', async (what, turn) => {
    if (only && !only.includes(what)) return;
    const t = what === 'overflow' ? { model: await model('tight', client.name === 'pi' ? 4096 : 16_384) } : turn;
    await drive(client, what, t);
  }, 300_000);
});
