import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, type TestContext, test } from 'vitest';

import type { ServerProfile } from '@shared/domain/profile';
import { hasProcess, type ServerState } from '@shared/domain/server-state';
import { type CoreHarness, createCoreHarness } from '@fixtures/core-harness';
import { EngineWatch, enginesAlive } from '@fixtures/engines-alive';
import type { Faults as EngineFaults } from '@fixtures/fake-adapter';
import { type Fault, type Faults, faultyProcesses } from '@fixtures/fake-processes';
import { type ProcessView, processViews } from '@fixtures/process-views';
import { isListening } from '@fixtures/temp-home';
import { until } from '@fixtures/until';

/*
 * What the program says of servers while the table of processes is broken, held against the processes that there
 * really are: no "stopped" while one lives, and never engines of two starts. A stop gives up after ten seconds
 * without an answer, so the tests of one view run at the same time.
 */
const { views, missing } = await processViews();

for (const name of missing) test.skip(`seen by ${name}`, () => undefined);

const ALL: readonly Fault[] = ['fails', 'rejects', 'hangs', 'half', 'foreign'];
/** The fault hides the view, which matters again when it is over: one that refuses and one that lies are enough then. */
const rows = views.flatMap((view, index) =>
  (index === 0 ? ALL : (['fails', 'half'] as const)).map((fault) => ({ view, fault })),
);

/** Children in sessions of their own, which outlive their parent: what a wrong proof would leave behind. */
const TREE: EngineFaults = { CHILDREN: 1, CHILDREN_DETACHED: true, CHILDREN_STAY: true };

interface Scene {
  readonly h: CoreHarness;
  readonly faults: Faults;
  readonly profile: ServerProfile;
  readonly state: () => Promise<ServerState>;
  /** What was said or was there until now that must not be. */
  readonly untruths: () => readonly string[];
}

/** @param context of the test itself, since others run at the same time */
async function setScene(
  view: ProcessView,
  { onTestFinished }: Pick<TestContext, 'onTestFinished'>,
): Promise<Scene> {
  const faults: Faults = { fault: undefined };
  const h = await createCoreHarness({ processes: faultyProcesses(view.processes, faults) });
  onTestFinished(async () => {
    faults.fault = undefined;
    await h.close();
  });
  await h.registerEngine();
  const profile = await h.createProfile({}, TREE);
  const { id: profileId, port } = profile;
  const said: string[] = [];
  h.client.on('servers.changed', (server) => {
    const alive = hasProcess(server.state) ? [] : enginesAlive(port);
    if (alive.length > 0) said.push(`${server.state}, and there is ${JSON.stringify(alive)}`);
  });
  const watch = new EngineWatch(port);
  onTestFinished(() => watch.end());
  return {
    h,
    faults,
    profile,
    state: async () => {
      const servers = await h.client.call('servers.list');
      return servers.find((server) => server.profileId === profileId)?.state ?? 'stopped';
    },
    untruths: () => [...said, ...watch.faults()],
  };
}

/** The table answers again: now a stop ends, with nothing left. */
async function proveStop({ h, faults, profile, state }: Scene): Promise<void> {
  faults.fault = undefined;
  await h.client.call('servers.stop', { profileId: profile.id });
  expect(await state()).toBe('stopped');
  expect(enginesAlive(profile.port)).toEqual([]);
}

describe.concurrent('a process table that', () => {
  test.for(rows)(
    '$fault ($view.name) is no proof of a stop, nor room for a start',
    async ({ view, fault }, context) => {
      const scene = await setScene(view, context);
      const { h, faults, profile, state } = scene;
      const ofProfile = { profileId: profile.id };
      await h.client.call('servers.start', ofProfile);
      await h.waitFor(profile.id, 'ready');
      const before = enginesAlive(profile.port);
      expect(before).toHaveLength(2);

      faults.fault = fault;
      const answers = await Promise.allSettled([
        h.client.call('servers.stop', ofProfile),
        h.client.call('servers.restart', ofProfile),
        h.client.call('servers.start', ofProfile),
      ]);
      expect(scene.untruths()).toEqual([]);
      expect(answers.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
      expect(await state()).toBe('stuck');
      // No signal may reach a process that was not seen to be ours.
      expect(enginesAlive(profile.port)).toEqual(before);

      await proveStop(scene);
      expect(scene.untruths()).toEqual([]);
    },
  );

  test.for(rows)(
    '$fault ($view.name) proves neither ready nor the end of a crash',
    async ({ view, fault }, context) => {
      const scene = await setScene(view, context);
      const { h, faults, profile, state } = scene;
      faults.fault = fault;
      await h.client.call('servers.start', { profileId: profile.id });
      await until(() => isListening(profile.port), 'the engine to listen');
      // Fixed wait: an engine that answers is ready within this time where it can be told who listens.
      await sleep(1000);
      // What is lost of tables is no loss to a look at one port.
      if (fault !== 'half') expect(await state()).not.toBe('ready');

      faults.fault = undefined;
      const { pid = 0 } = await h.waitFor(profile.id, 'ready');
      faults.fault = fault;
      process.kill(pid, 'SIGKILL');
      await h.waitFor(profile.id, ['stuck', 'stopped', 'failed', 'starting']);
      expect(scene.untruths()).toEqual([]);
      expect(await state()).toBe('stuck');
      expect(enginesAlive(profile.port)).toMatchObject([{ isRoot: false }]);

      await proveStop(scene);
      expect(scene.untruths()).toEqual([]);
    },
  );
});
