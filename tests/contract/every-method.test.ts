import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { z } from 'zod';

import { modelRepo } from '@fixtures/download-harness';
import { type FakeHub, startFakeHub } from '@fixtures/fake-hub/hub';
import { type HttpHost, startHttpHost } from '@fixtures/http-host';
import { silentLogger } from '@host/host-ports';
import { connectInProcess } from '@host/in-process-transport';
import { LocalSocketServer } from '@host/local-socket';
import { connectSocket } from '@host/socket-transport';
import { events, type Method, type RawInput, requests } from '@shared/contract';
import { Action } from '@shared/domain/failure';
import { ERROR_CODES, FAILURE_CODES } from '@shared/errors';
import type { Scope } from '@shared/contract/define';
import type { EventFrame, ResponseFrame } from '@shared/rpc/frames';
import type { Transport } from '@shared/rpc/transport';

type Connection = Transport & { close(): void };

/** What the calls below refer to. */
interface Subjects {
  readonly profileId: string;
  readonly installationId: string;
  readonly folder: string;
  /** Results by method, for calls that build on earlier ones. */
  readonly results: Map<Method, unknown>;
}

const REF = 'mlx-community/Tiny-4bit';

/** Every method with an input, in the order in which they are called; a missing one does not compile. */
const CALLS: { readonly [M in Method]: (subjects: Subjects) => RawInput<M> } = {
  'app.snapshot': () => undefined,
  'app.info': () => undefined,
  'profiles.list': () => undefined,
  'profiles.advice': ({ profileId }) => ({ profileId }),
  'profiles.get': ({ profileId }) => ({ profileId }),
  'profiles.create': () => ({ name: 'Second', model: 'demo' }),
  'profiles.update': ({ profileId }) => ({ profileId, changes: { restart: 'never' } }),
  'profiles.listLocal': () => undefined,
  'profiles.createLocal': () => ({ name: 'Third', model: 'demo', env: { A_TOKEN: 'secret' } }),
  'profiles.updateLocal': ({ profileId }) => ({ profileId, changes: { extraArgs: [] } }),
  'profiles.duplicate': ({ profileId }) => ({ profileId, name: 'Copy' }),
  'profiles.reorder': ({ profileId }) => ({ profileIds: [profileId] }),
  'profiles.check': () => ({ draft: { name: '', port: 80 } }),
  'profiles.fit': ({ profileId }) => ({ profileId }),
  'profiles.fitDraft': () => ({ draft: { name: '', model: 'demo', options: { 'kv-bits': 4 } } }),
  'profiles.checkHosts': ({ profileId }) => ({ profileId }),
  'profiles.nextPort': () => undefined,
  'profiles.command': ({ profileId }) => ({ profileId }),
  'profiles.previewCommand': () => ({ draft: { name: 'Draft', model: 'demo' } }),
  'servers.list': () => undefined,
  'servers.start': ({ profileId }) => ({ profileId }),
  'servers.ranks': ({ profileId }) => ({ profileId }),
  'servers.test': ({ profileId }) => ({ profileId }),
  'servers.restart': ({ profileId }) => ({ profileId }),
  'logs.follow': ({ profileId }) => ({ profileId, follow: true }),
  'logs.failure': ({ profileId }) => ({ profileId }),
  'logs.runs': ({ profileId }) => ({ profileId }),
  'logs.read': ({ profileId }) => ({ profileId }),
  'logs.search': ({ profileId }) => ({ profileId, query: 'e' }),
  'metrics.history': ({ profileId }) => ({ profileId }),
  'servers.stop': ({ profileId }) => ({ profileId }),
  'servers.acknowledge': ({ profileId }) => ({ profileId }),
  'servers.stopAll': () => undefined,
  'profiles.delete': ({ profileId }) => ({ profileId, stop: true }),
  'profiles.undoDelete': ({ profileId }) => ({ profileId }),
  'engines.list': () => undefined,
  'engines.available': () => undefined,
  'engines.install': () => ({ engine: 'mlx-lm', version: '0.0.1' }),
  'engines.cancel': ({ results }) => ({ jobId: jobId(results.get('engines.install')) }),
  'engines.update': () => ({ engine: 'mlx-lm' }),
  'engines.reinstall': () => ({ installationId: 'nothing' }),
  'engines.register': ({ folder }) => ({ engine: 'mlx-lm', command: join(folder, 'no-such') }),
  'engines.carryOver': () => ({ engine: 'vllm-mlx', options: { temperature: 0.5 } }),
  'engines.change': ({ installationId }) => ({ installationId }),
  'models.parsers': () => ({ model: 'demo', engine: 'vllm-mlx' }),
  'engines.advice': () => ({ engine: 'mlx-vlm', version: '0.7.10' }),
  'engines.test': ({ installationId }) => ({ installationId }),
  'engines.use': ({ installationId }) => ({ installationId }),
  'engines.rollback': () => ({ engine: 'mlx-lm' }),
  'engines.options': ({ installationId }) => ({ installationId }),
  'engines.remove': ({ installationId }) => ({ installationId }),
  'models.list': () => undefined,
  'models.show': () => ({ ref: 'demo' }),
  'models.folders': () => undefined,
  'models.addFolder': ({ folder }) => ({ path: folder }),
  'models.removeFolder': ({ folder }) => ({ path: folder }),
  'models.rescan': () => undefined,
  'models.verify': () => ({ ref: 'demo' }),
  'models.cancelVerify': () => ({ ref: 'no/such' }),
  'models.jobs': () => undefined,
  'models.repair': () => ({ ref: 'demo' }),
  'models.share': () => ({ ref: 'demo', with: 'no/such' }),
  'models.delete': () => ({ ref: 'demo' }),
  'models.undoDelete': () => ({ ref: 'no/such' }),
  'models.holdDelete': () => ({ ref: 'no/such' }),
  'models.deleteNow': () => ({ ref: 'no/such' }),
  'models.reveal': () => ({ ref: 'demo' }),
  'models.fit': () => ({ ref: 'demo', context: 2048, kvBits: 8 }),
  'hub.search': () => ({ query: 'tiny', sort: 'downloads', fits: true }),
  'hub.without': () => ({ query: 'tiny', bits: 3, fits: true }),
  'hub.facts': () => ({ refs: [REF] }),
  'hub.model': () => ({ ref: REF }),
  'hub.suggested': () => undefined,
  'hub.card': () => ({ ref: REF }),
  'hub.account': () => undefined,
  'hub.setToken': () => ({ token: 'hf_good' }),
  'hub.clearToken': () => undefined,
  'downloads.start': () => ({ ref: REF }),
  'downloads.list': () => undefined,
  'downloads.files': ({ results }) => ({ downloadId: jobId(results.get('downloads.start')) }),
  'downloads.pause': ({ results }) => ({ downloadId: jobId(results.get('downloads.start')) }),
  'downloads.resume': ({ results }) => ({ downloadId: jobId(results.get('downloads.start')) }),
  'downloads.retry': ({ results }) => ({ downloadId: jobId(results.get('downloads.start')) }),
  'downloads.reorder': ({ results }) => ({ downloadIds: [jobId(results.get('downloads.start'))] }),
  'downloads.cancel': ({ results }) => ({ downloadId: jobId(results.get('downloads.start')) }),
  'downloads.clear': () => undefined,
  'gateway.addKey': ({ profileId }) => ({
    name: 'Laptop',
    profileIds: [profileId],
    expiresDays: 30,
    tokenQuota: 1_000_000,
  }),
  'gateway.keys': () => undefined,
  'gateway.revokeKey': ({ results }) => ({ keyId: jobId(results.get('gateway.addKey')) }),
  'gateway.requests': ({ profileId }) => ({ profileId, limit: 10 }),
  'gateway.follow': () => ({ follow: true }),
  'gateway.sessions': () => ({}),
  'gateway.session': () => ({ id: 'none' }),
  'settings.get': () => undefined,
  'settings.set': () => ({ key: 'appearance', value: 'dark' }),
  'settings.setLocal': ({ folder }) => ({ key: 'modelFolders', value: [folder] }),
  'settings.reset': () => ({ key: 'appearance' }),
  'data.usage': () => undefined,
  'data.remove': () => ({ what: 'logs' }),
  'notices.dismiss': () => ({ id: 'none' }),
  'doctor.run': () => undefined,
  'startup.dismiss': () => undefined,
  'startup.release': () => undefined,
  'gateway.status': () => undefined,
  'gateway.load': () => undefined,
  'gateway.names': () => undefined,
  'gateway.retry': () => undefined,
  'setup.start': () => ({ engine: 'mlx-lm', model: 'demo', name: 'First' }),
  'setup.retry': () => undefined,
  'setup.cancel': () => undefined,
  'setup.dismiss': () => undefined,
  'desktop.setOpenAtLogin': () => ({ open: true }),
  'desktop.openLoginSettings': () => undefined,
  'desktop.checkForUpdate': () => undefined,
  'desktop.installUpdate': () => undefined,
  'desktop.installCommandLine': () => undefined,
  'desktop.removeCommandLine': () => undefined,
  'desktop.chooseFolder': () => undefined,
  'desktop.revealData': () => undefined,
  'app.quit': () => ({ servers: 'stop' }),
};

/** Calls that may be refused on this small manager, and with which code. */
const REFUSALS: Partial<Record<Method, readonly string[]>> = {
  'profiles.delete': [],
  'engines.install': ['offline', 'not_found'],
  'engines.cancel': ['not_found'],
  'engines.update': ['offline', 'not_found', 'conflict'],
  'engines.reinstall': ['not_found'],
  'engines.register': ['validation', 'not_found'],
  'engines.rollback': ['not_found', 'conflict'],
  'engines.remove': ['in_use'],
  'gateway.session': ['not_found'],
  'models.cancelVerify': ['not_found'],
  'models.repair': ['conflict'],
  'models.share': ['conflict'],
  'models.delete': ['conflict'],
  'models.undoDelete': ['not_found'],
  'models.holdDelete': ['not_found'],
  'models.deleteNow': ['not_found'],
  'models.reveal': ['unauthorised'],
  'notices.dismiss': ['not_found'],
  ...Object.fromEntries(
    Object.keys(requests)
      .filter((method) => method.startsWith('desktop.'))
      .map((method) => [method, ['unauthorised']]),
  ),
};

const ErrorShape = z.strictObject({
  code: z.enum([...ERROR_CODES, ...FAILURE_CODES]),
  message: z.string().min(1),
  action: Action.optional(),
  data: z.unknown().optional(),
});

/** What each way may ask for; the others are programs of this user on this machine. */
const SCOPES: Record<string, readonly Scope[]> = {
  'the WebSocket': ['any'],
  'the scopes of the desktop window': ['any', 'local', 'desktop'],
};

const WAYS: Record<string, (host: HttpHost) => Promise<Connection>> = {
  'in the same process': async (host) => connectInProcess(host.harness.core),
  // Here without a desktop behind it; tests/e2e-electron has one.
  'the scopes of the desktop window': async (host) =>
    connectInProcess(host.harness.core, new Set<Scope>(['any', 'local', 'desktop'])),
  'the local socket': openSocket,
  'the WebSocket': openWebSocket,
};

describe.each(Object.keys(WAYS))('over %s', (way) => {
  const scopes = SCOPES[way] ?? ['any', 'local'];
  const frames: EventFrame[] = [];
  let hub: FakeHub;
  let host: HttpHost;
  let connection: Connection;
  let subjects: Subjects;
  let nextId = 1;

  const send = (method: string, params?: unknown): Promise<ResponseFrame> =>
    connection.send({ id: nextId++, method, params });

  beforeAll(async () => {
    hub = await startFakeHub({ repos: [await modelRepo(REF)] });
    host = await startHttpHost({}, { HF_ENDPOINT: hub.url });
    const { id } = await host.harness.registerEngine();
    const profile = await host.harness.createProfile({ name: 'First' });
    const folder = join(host.harness.home.folder, 'models of mine');
    await mkdir(folder);
    subjects = { profileId: profile.id, installationId: id, folder, results: new Map() };
    const open = WAYS[way];
    if (open === undefined) throw new Error('unknown way');
    connection = await open(host);
    connection.onEvent((frame) => frames.push(frame));
  });
  afterAll(async () => {
    connection.close();
    await host.close();
    await hub.close();
  });

  it.each(Object.keys(CALLS) as Method[])('%s answers by its schema', async (method) => {
    if (method === 'servers.test') await host.harness.waitFor(subjects.profileId, 'ready');
    if (method.startsWith('engines.') && method !== 'engines.cancel') await endJobs(host);
    const answer = await send(method, CALLS[method](subjects));
    if (!scopes.includes(requests[method].scope)) {
      expect(answer).toMatchObject({ ok: false, error: { code: 'unauthorised' } });
      return;
    }
    if (answer.ok) {
      subjects.results.set(method, requests[method].output.parse(answer.result));
    } else {
      ErrorShape.parse(answer.error);
      expect(REFUSALS[method] ?? [], answer.error.message).toContain(answer.error.code);
    }
  });

  it('events had the shapes of the contract, numbered without a gap', () => {
    expect(frames.length).toBeGreaterThan(10);
    for (const { topic, payload } of frames) {
      const known = Object.entries(events).find(([name]) => name === topic);
      expect(known, topic).toBeDefined();
      known?.[1].payload.parse(payload);
    }
    expect(frames.map(({ seq }) => seq)).toEqual(frames.map((_, index) => index + 1));
  });

  it('what is no frame, no method or no input is refused', async () => {
    expect(await send('no.method')).toMatchObject({ error: { code: 'unknown_method' } });
    expect(await send('constructor')).toMatchObject({ error: { code: 'unknown_method' } });
    const wrong = await send('servers.start', { profileId: '../../etc', other: 1 });
    expect(wrong).toMatchObject({ ok: false, error: { code: 'validation' } });
    const missing = await send('profiles.get', { profileId: 'zzzzzzzz' });
    expect(missing).toMatchObject({ ok: false, error: { code: 'not_found' } });
  });
});

/** An engine takes one job at a time: what an earlier call began is cancelled. */
async function endJobs({ harness: { client } }: HttpHost): Promise<void> {
  let look: () => void = () => undefined;
  const off = client.on('engineJobs.changed', () => look());
  try {
    const { engineJobs } = await client.call('app.snapshot');
    for (const { id, state } of engineJobs) {
      if (state === 'running') await client.call('engines.cancel', { jobId: id });
    }
    for (;;) {
      const changed = new Promise<void>((resolve) => {
        look = resolve;
      });
      const snapshot = await client.call('app.snapshot');
      if (snapshot.engineJobs.every(({ state }) => state !== 'running')) return;
      await changed;
    }
  } finally {
    off();
  }
}

function jobId(job: unknown): string {
  const parsed = z.object({ id: z.string() }).safeParse(job);
  return parsed.success ? parsed.data.id : 'none';
}

async function openSocket(host: HttpHost): Promise<Connection> {
  const path = join(host.harness.home.folder, 'sockets', 'manager.sock');
  const server = new LocalSocketServer({ path, endpoint: host.harness.core, logger: silentLogger });
  await server.listen();
  const transport = await connectSocket(path);
  if (transport === undefined) throw new Error('Nobody answers on the socket.');
  return {
    send: (frame) => transport.send(frame),
    onEvent: (listener) => transport.onEvent(listener),
    close() {
      transport.close();
      void server.close();
    },
  };
}

async function openWebSocket(host: HttpHost): Promise<Connection> {
  const socket = new WebSocket(`${host.url.replace('http', 'ws')}/ws`, {
    headers: { Authorization: `Bearer ${host.token}` },
  });
  const waiting = new Map<number, (frame: ResponseFrame) => void>();
  const listeners = new Set<(frame: EventFrame) => void>();
  socket.on('message', (data) => {
    const frame: ResponseFrame | EventFrame = JSON.parse(data.toString());
    if ('topic' in frame) for (const listener of listeners) listener(frame);
    else waiting.get(frame.id)?.(frame);
  });
  await new Promise((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
  });
  return {
    send: (frame) =>
      new Promise((resolve) => {
        waiting.set(frame.id, resolve);
        socket.send(JSON.stringify(frame));
      }),
    onEvent(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: () => socket.close(),
  };
}
