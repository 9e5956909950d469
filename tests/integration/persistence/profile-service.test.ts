import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import net from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { systemClock } from '@core/ports/clock';
import { checkOptions } from '@core/engines/options/option-checks';
import { LOCAL_COMMON } from '@core/engines/adapters/common-options';
import { withCommonNames } from '@core/engines/adapters/option-key';
import { adapterFor, engineAdapter } from '@core/engines/adapters';
import { openProcesses } from '@core/processes/open-processes';
import { checkPort } from '@core/processes/port-holder';
import { ProfileService, type ProfileServiceOptions } from '@core/profiles/profile-service';
import { NoticeBoard } from '@core/notices/notice-board';
import { silentLogger } from '@fixtures/server-harness';
import { createTempHome, type TempHome } from '@fixtures/temp-home';
import { createDocumentStore } from '@host/document-store';
import { ServerProfileCreateLocal, type ServerProfile } from '@shared/domain/profile';

const LOCAL = { local: true };
const REMOTE = { local: false };

let home: TempHome;
let published: ServerProfile[][];
let running: Set<string>;
beforeEach(async () => {
  home = await createTempHome();
  await mkdir(home.paths.home, { recursive: true });
  published = [];
  running = new Set();
});
afterEach(() => home.close());

async function open(changes: Partial<ProfileServiceOptions> = {}): Promise<ProfileService> {
  const service = new ProfileService({
    document: createDocumentStore(home.paths.home, 'profiles'),
    clock: systemClock,
    logger: silentLogger,
    notices: new NoticeBoard({ clock: systemClock, publish: () => undefined }),
    nameOptions: (profile) => withCommonNames(profile.options, adapterFor(profile)),
    checkOptions: async (profile, scope) =>
      checkOptions(profile.options, undefined, adapterFor(profile), scope),
    isKnownModel: async (ref) => ref.includes('library'),
    isKnownInstallation: (id) => id === 'known',
    checkPort: (host, port) => checkPort(openProcesses(), host, port),
    isActive: (id) => running.has(id),
    stop: async (id) => void running.delete(id),
    publish: (profiles) => void published.push(profiles),
    ...changes,
  });
  await service.load();
  return service;
}

const input = (fields: Record<string, unknown>) =>
  ServerProfileCreateLocal.parse({ model: 'demo', ...fields });

async function create(service: ProfileService, fields: Record<string, unknown>) {
  return (await service.create(input(fields), LOCAL)).profile;
}

async function stored(): Promise<ServerProfile[]> {
  const text = await readFile(join(home.paths.home, 'profiles.json'), 'utf8');
  return JSON.parse(text).profiles;
}

describe('create', () => {
  test('what is acknowledged is on the disk, published, and there at the next start', async () => {
    const service = await open();
    const folder = join(home.folder, 'models with spaces', 'Qwen "3" 模型');
    await mkdir(folder, { recursive: true });
    const names = ['模型 🚀', 'It\'s "quoted" & <b>', '😀'.repeat(80), 'x'];
    for (const name of names) {
      const profile = await create(service, { name, model: folder, env: { TOKEN: 'a b' } });
      expect(profile.id).toMatch(/^[a-z0-9]{12}$/);
      expect((await stored()).at(-1)).toEqual(profile);
    }
    expect(published.at(-1)?.map(({ name }) => name)).toEqual(names);
    expect((await open()).list()).toEqual(service.list());
  });

  test('many at once get names, ports and places of their own', async () => {
    const service = await open();
    const all = await Promise.all(
      Array.from({ length: 12 }, (_, index) => create(service, { name: `Profile ${index}` })),
    );
    expect(new Set(all.map(({ port }) => port)).size).toBe(12);
    expect(new Set(all.map(({ order }) => order)).size).toBe(12);
    expect(await stored()).toHaveLength(12);
    const twins = await Promise.allSettled(
      ['Twin', ' twin', 'TWIN '].map((name) => create(service, { name })),
    );
    expect(twins.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected']);
  });

  test('a name that another has in any case or form is a conflict that names it', async () => {
    const service = await open();
    await create(service, { name: 'Café' });
    await expect(create(service, { name: ' CAFE\u0301' })).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('Café'),
      data: { fields: [{ field: 'name' }] },
    });
    expect(service.list()).toHaveLength(1);
    expect(published).toHaveLength(1);
  });

  test('a port that another has is a conflict that names it and the next free one', async () => {
    const service = await open();
    const first = await create(service, { name: 'First' });
    const next = await service.nextPort();
    await expect(create(service, { name: 'Second', port: first.port })).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringMatching(new RegExp(`First.*${next}`)),
    });
  });

  test('a port that another program holds now is kept as typed, with a warning that says who', async () => {
    const service = await open();
    const port = await home.freePort();
    const holder = net.createServer();
    await new Promise<void>((resolve) => holder.listen(port, '127.0.0.1', resolve));
    try {
      const { profile, warnings } = await service.create(input({ name: 'Held', port }), LOCAL);
      expect(profile.port).toBe(port);
      expect(warnings.join()).toContain(`pid ${process.pid}`);
    } finally {
      await new Promise((resolve) => holder.close(resolve));
    }
  });

  test.each([
    ["doesn't exist", (folder: string) => join(folder, 'nowhere')],
    ["doesn't exist", (folder: string) => join(folder, 'a file', 'below it')],
    ["isn't a folder", (folder: string) => join(folder, 'a file')],
    ["can't be read", (folder: string) => join(folder, 'x'.repeat(300))],
  ])('a model folder that %s is refused with its path', async (what, pathIn) => {
    const service = await open();
    await writeFile(join(home.folder, 'a file'), '');
    const model = pathIn(home.folder);
    const problem = { field: 'model', message: expect.stringContaining(`${model} ${what}`) };
    await expect(create(service, { name: 'Lost', model })).rejects.toMatchObject({
      code: 'validation',
      data: { fields: [problem] },
    });
  });

  test('a model that is not on the disk yet, or incomplete, is accepted', async () => {
    const service = await open();
    const empty = join(home.folder, 'empty');
    await mkdir(empty);
    for (const model of ['mlx-community/Qwen3-8B-4bit', empty]) {
      expect((await create(service, { name: model, model })).model).toBe(model);
    }
  });

  test('without local scope a folder is accepted only from the library', async () => {
    const service = await open();
    const [known, strange] = [join(home.folder, 'library'), join(home.folder, 'strange')];
    for (const folder of [known, strange]) await mkdir(folder);
    const { profile } = await service.create(input({ name: 'A', model: known }), REMOTE);
    expect(profile.model).toBe(known);
    await expect(
      service.create(input({ name: 'B', model: strange }), REMOTE),
    ).rejects.toMatchObject({ code: 'validation', data: { fields: [{ field: 'model' }] } });
  });

  test('an installation that there is not is refused', async () => {
    const service = await open();
    await expect(create(service, { name: 'A', installation: 'gone' })).rejects.toMatchObject({
      code: 'validation',
      data: { fields: [{ field: 'installation' }] },
    });
  });

  test('a write that fails leaves the list, and nothing is published', async () => {
    const document = createDocumentStore(home.paths.home, 'profiles');
    const service = await open({ document });
    await create(service, { name: 'First' });
    await rm(document.path);
    await mkdir(join(document.path, 'in the way'), { recursive: true });
    await expect(create(service, { name: 'Second' })).rejects.toMatchObject({
      message: expect.stringContaining(document.path),
    });
    expect(service.list().map(({ name }) => name)).toEqual(['First']);
    expect(published).toHaveLength(1);
    await rm(document.path, { recursive: true });
    await create(service, { name: 'Third' });
    expect((await stored()).map(({ name }) => name)).toEqual(['First', 'Third']);
  });
});

describe('update', () => {
  test('changes what is given, and its own name and port are no conflict', async () => {
    const service = await open();
    const before = await create(service, { name: 'Qwen', options: { temp: 0.5 } });
    const changes = { name: 'QWEN', port: before.port, restart: 'never' } as const;
    const { profile } = await service.update(before.id, changes, LOCAL);
    expect(profile).toEqual({ ...before, ...changes, updatedAt: profile.updatedAt });
    expect((await service.update(before.id, { options: {} }, LOCAL)).profile.options).toEqual({});
    expect(await stored()).toEqual([service.get(before.id)]);
  });

  test('of a profile whose model has gone since is possible; a new lost model is refused', async () => {
    const service = await open();
    const folder = join(home.folder, 'library');
    await mkdir(folder);
    const { id } = await create(service, { name: 'A', model: folder });
    await rm(folder, { recursive: true });
    expect((await service.update(id, { name: 'B' }, LOCAL)).profile.name).toBe('B');
    await expect(service.update(id, { model: `${folder}2` }, LOCAL)).rejects.toMatchObject({
      code: 'validation',
    });
  });

  test('a view without local scope edits around local options and cannot change them', async () => {
    const service = await open();
    const [key] = LOCAL_COMMON;
    if (key === undefined) throw new Error('the engine has no local option any more');
    const { id } = await create(service, { name: 'A', options: { [key]: '/one' } });
    const options = { [key]: '/one', temperature: 0.5 };
    expect((await service.update(id, { name: 'B', options }, REMOTE)).profile).toMatchObject({
      name: 'B',
      options,
    });
    expect(await service.check(id, { name: 'C' }, REMOTE)).toEqual({ problems: [], warnings: [] });
    await expect(service.update(id, { options: { [key]: '/two' } }, REMOTE)).rejects.toMatchObject({
      data: { fields: [{ field: `options.${key}` }] },
    });
    expect((await service.update(id, { options: {} }, REMOTE)).profile.options).toEqual({});
  });

  test('of one that there is not: not_found', async () => {
    const service = await open();
    await expect(service.update('nosuchone', {}, LOCAL)).rejects.toMatchObject({
      code: 'not_found',
    });
  });
});

describe('duplicate', () => {
  test('takes everything but name, port, place and time, and stays within 80 characters', async () => {
    const service = await open();
    const source = await create(service, {
      name: '😀'.repeat(80),
      options: { temp: 1 },
      env: { A: 'b' },
      extraArgs: ['--x'],
      start: 'app',
    });
    const copies = [await service.duplicate(source.id), await service.duplicate(source.id)];
    expect(copies.map(({ name }) => name)).toEqual([
      `${'😀'.repeat(75)} copy`,
      `${'😀'.repeat(73)} copy 2`,
    ]);
    for (const copy of copies) {
      const { id, name, port, order, createdAt, updatedAt } = copy;
      expect(copy).toEqual({ ...source, id, name, port, order, createdAt, updatedAt });
    }
    expect(new Set([source, ...copies].map(({ port }) => port)).size).toBe(3);
  });

  test('a name that is taken or no name is refused', async () => {
    const service = await open();
    const { id } = await create(service, { name: 'A' });
    await expect(service.duplicate(id, 'a')).rejects.toMatchObject({ code: 'conflict' });
    await expect(service.duplicate(id, ' ')).rejects.toMatchObject({ code: 'validation' });
  });
});

describe('delete and reorder', () => {
  test('a running one is refused without stop, and stopped first with it', async () => {
    const service = await open();
    const { id } = await create(service, { name: 'A' });
    running.add(id);
    await expect(service.delete(id, { stop: false })).rejects.toMatchObject({ code: 'in_use' });
    expect(await stored()).toHaveLength(1);
    await service.delete(id, { stop: true });
    expect(running.size).toBe(0);
    expect(await stored()).toEqual([]);
    await expect(service.delete(id, { stop: true })).rejects.toMatchObject({ code: 'not_found' });
  });

  test('one that cannot be stopped stays', async () => {
    const service = await open({ stop: () => Promise.reject(new Error('it is stuck')) });
    const { id } = await create(service, { name: 'A' });
    running.add(id);
    await expect(service.delete(id, { stop: true })).rejects.toThrow('stuck');
    expect(service.get(id)?.name).toBe('A');
  });

  test('a slow stop holds up nobody else; one that was started again meanwhile stays', async () => {
    const stopping = Promise.withResolvers<void>();
    const service = await open({ stop: () => stopping.promise });
    const { id } = await create(service, { name: 'Slow' });
    running.add(id);
    const deleting = service.delete(id, { stop: true });
    expect((await create(service, { name: 'Meanwhile' })).name).toBe('Meanwhile');
    stopping.resolve();
    await expect(deleting).rejects.toMatchObject({ code: 'in_use' });
    expect(service.list()).toHaveLength(2);
  });

  test('a new order is stored; those left out keep theirs, behind', async () => {
    const service = await open();
    const ids: string[] = [];
    for (const name of ['A', 'B', 'C', 'D']) ids.push((await create(service, { name })).id);
    await service.reorder([ids[2] ?? '', ids[0] ?? '', 'gone']);
    const names = (list: ServerProfile[]) => list.map(({ name }) => name).join('');
    expect(names(service.list())).toBe('CABD');
    expect(names((await open()).list())).toBe('CABD');
  });

  test('the port of a deleted one is free again', async () => {
    const service = await open();
    const first = await create(service, { name: 'First' });
    await create(service, { name: 'Second' });
    await service.delete(first.id, { stop: false });
    expect(await service.nextPort()).toBe(first.port);
  });
});

describe('check', () => {
  test('says everything at once: bad values, conflicts and options', async () => {
    const service = await open();
    const { port } = await create(service, { name: 'Taken' });
    const [reserved] = engineAdapter('mlx-lm').reserved;
    const draft = {
      name: 'taken',
      model: join(home.folder, 'nowhere'),
      port,
      hangLimitSeconds: 1,
      options: { [reserved ?? '']: 1, 'NOT AN OPTION': 2 },
      unknown: true,
    };
    const { problems } = await service.check(undefined, draft, LOCAL);
    expect(problems.map(({ field }) => field).sort()).toEqual(
      [
        'hangLimitSeconds',
        'model',
        'name',
        'options.NOT AN OPTION',
        `options.${reserved}`,
        'port',
        'unknown',
      ].sort(),
    );
    expect(service.list()).toHaveLength(1);
  });

  test('an empty form names what is missing, and nothing that is not', async () => {
    const service = await open();
    const { problems } = await service.check(undefined, {}, LOCAL);
    expect(problems.map(({ field }) => field).sort()).toEqual(['model', 'name']);
  });

  test('without local scope it refuses what saving would refuse', async () => {
    const service = await open();
    const { id } = await create(service, { name: 'A', env: { A: 'b' }, host: '0.0.0.0' });
    const { problems } = await service.check(id, { env: {}, restart: 'never' }, REMOTE);
    expect(problems.map(({ field }) => field)).toEqual(['env']);
  });

  test.each([[null], [7], ['x'], [[]], [{}]])(
    'never rejects for %j in any field',
    async (value) => {
      const service = await open();
      const fields = Object.keys(ServerProfileCreateLocal.shape);
      for (const field of fields) {
        const { problems } = await service.check(
          undefined,
          { name: 'A', model: 'demo', [field]: value },
          LOCAL,
        );
        for (const problem of problems) expect(problem.message).not.toBe('');
      }
    },
  );
});

test('two stored profiles with one id: the first is kept, the second named and kept in the copy', async () => {
  const service = await open();
  const profile = await create(service, { name: 'First' });
  const twin = { ...profile, name: 'Second', port: profile.port + 1 };
  await writeFile(
    join(home.paths.home, 'profiles.json'),
    JSON.stringify({ version: 1, profiles: [profile, twin] }),
  );
  const notices = new NoticeBoard({ clock: systemClock, publish: () => undefined });
  const again = await open({ notices });
  expect(again.list()).toEqual([profile]);
  expect(notices.list()[0]?.message).toContain('Profile Second');
  const copies = (await readdir(home.paths.home)).filter((name) => name.includes('corrupt'));
  expect(copies).toHaveLength(1);
});
