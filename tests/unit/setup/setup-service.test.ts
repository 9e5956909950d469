import { NoticeBoard } from '@core/notices/notice-board';
import { systemClock } from '@core/ports/clock';
import { Background } from '@core/ports/background';
import { SetupService, type SetupServiceOptions } from '@core/setup/setup-service';
import { newSetup } from '@core/setup/setup-record';
import { silentLogger } from '@host/host-ports';
import { expect, it } from 'vitest';

it('a disk that takes nothing keeps no manager from starting', async () => {
  const plan = { engine: 'mlx-lm', model: 'demo', name: 'First' } as const;
  const record = { ...newSetup(plan, '2026-11-23T10:00:00.000Z'), engine: { jobId: 'gone' } };
  const service = new SetupService({
    document: {
      path: '/data/setup.json',
      read: async () => JSON.stringify({ version: 1, setup: record }),
      write: async () => {
        throw Object.assign(new Error('no space'), { code: 'ENOSPC' });
      },
    },
    clock: systemClock,
    logger: silentLogger,
    notices: new NoticeBoard({ clock: systemClock, publish: () => undefined }),
    background: new Background(silentLogger),
    publish: () => undefined,
  } as unknown as SetupServiceOptions);
  await service.load();
  await service.resume({ wentDown: false });
  // It is still there, and a person is told why it cannot go on.
  expect(service.current?.plan).toEqual(plan);
  await expect(service.retry()).rejects.toMatchObject({ code: 'disk_full' });
});

it('what fails while the disk takes nothing is not tried again and again', async () => {
  const plan = { engine: 'mlx-lm', model: 'demo', name: 'First' } as const;
  const record = { ...newSetup(plan, '2026-11-23T10:00:00.000Z'), engine: { startedAt: 'then' } };
  const kept = { ...record, model: { doneAt: 'then' } };
  let tries = 0;
  const background = new Background(silentLogger);
  const service = new SetupService({
    document: {
      path: '/data/setup.json',
      read: async () => JSON.stringify({ version: 1, setup: kept }),
      write: async (value: { setup: unknown }) => {
        // The first write is that of the resumption.
        if (tries > 0) throw Object.assign(new Error('no space'), { code: 'ENOSPC' });
        return void value;
      },
    },
    clock: systemClock,
    logger: silentLogger,
    notices: new NoticeBoard({ clock: systemClock, publish: () => undefined }),
    background,
    engines: () => ({
      inUse: () => undefined,
      jobs: () => [],
      install: async () => {
        tries += 1;
        throw new Error('no room');
      },
    }),
    downloads: () => ({ list: () => [] }),
    profiles: () => ({ get: () => undefined }),
    publish: () => undefined,
  } as unknown as SetupServiceOptions);
  await service.load();
  await service.resume({ wentDown: false });
  await background.settled();
  expect(tries).toBe(1);
});
