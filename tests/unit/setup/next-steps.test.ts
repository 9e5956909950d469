import { nextSteps, resumed, retried, type SetupFacts } from '@core/setup/next-steps';
import { describeSetup, newSetup, type SetupRecord } from '@core/setup/setup-record';
import type { Failure } from '@shared/domain/failure';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

const BEGAN = '2026-11-23T10:00:00.000Z';
const NOW = '2026-11-23T10:00:30.000Z';
const PLAN = { engine: 'mlx-lm', model: 'mlx-community/Qwen3-8B-4bit', name: 'Qwen3 8B' } as const;
const NOTHING: SetupFacts = {
  engine: undefined,
  job: undefined,
  model: undefined,
  download: undefined,
  server: undefined,
};
const ENGINE = { version: '0.32.2', sizeBytes: 168e6 };
const MODEL = { sizeBytes: 4.6e9 };
const ANSWER = { text: 'Rayleigh.', firstTokenMs: 90, totalMs: 400, question: 'Why?' };
const OFFLINE: Failure = { code: 'offline', message: 'No network.', evidence: [] };

const fresh = newSetup(PLAN, BEGAN);
/** Engine and model are there. */
const halfway: SetupRecord = { ...fresh, engine: { doneAt: BEGAN }, model: { doneAt: BEGAN } };
const made: SetupRecord = { ...halfway, server: { profileId: 'p1' } };

const look = (record: SetupRecord, facts: Partial<SetupFacts> = {}) => {
  const next = nextSteps(record, { ...NOTHING, ...facts }, NOW);
  if (!next) throw new Error('The set-up is gone.');
  const { state, engine, model, server } = describeSetup(next.record);
  return { ...next, state, states: [engine.state, model.state, server.state] };
};

describe('what a set-up does next', () => {
  it('installs and downloads side by side, and the server waits for both', () => {
    expect(look(fresh)).toMatchObject({
      work: ['install', 'download'],
      state: 'running',
      states: ['running', 'running', 'waiting'],
    });
  });

  it('takes what is there for done, with its size and without a time', () => {
    const next = look(fresh, { engine: ENGINE, model: MODEL });
    expect(next.work).toEqual(['create']);
    const { engine, model } = describeSetup(next.record);
    expect(engine).toEqual({ state: 'done', bytes: 168e6, version: '0.32.2' });
    expect(model).toEqual({ state: 'done', bytes: 4.6e9 });
  });

  it('tells how long a step took that had something to do', () => {
    const began = look(fresh).record;
    const later = nextSteps(
      began,
      { ...NOTHING, engine: ENGINE },
      '2026-11-23T10:01:00.000Z',
    )?.record;
    expect(later && describeSetup(later).engine.seconds).toBe(30);
  });

  it('creates the profile, starts it, asks it, and is done with the answer', () => {
    expect(look(halfway).work).toEqual(['create']);
    expect(look(made, { server: { state: 'stopped' } }).work).toEqual(['start']);
    const started = { ...made, server: { profileId: 'p1', startedAt: BEGAN } };
    expect(look(started, { server: { state: 'loading' } })).toMatchObject({
      work: [],
      states: ['done', 'done', 'running'],
    });
    expect(look(started, { server: { state: 'ready' } }).work).toEqual(['ask']);
    const answered = { ...started, answer: ANSWER };
    expect(look(answered, { server: { state: 'ready' } })).toMatchObject({
      work: [],
      state: 'done',
    });
  });

  it('does not take how the server ended before its start for the outcome of the start', () => {
    const server = { state: 'failed', failure: OFFLINE } as never;
    expect(look(made, { server }).work).toEqual(['start']);
  });

  it('lets the other step go on when one has failed', () => {
    const job = { state: 'failed', failure: OFFLINE } as const;
    const download = { state: 'running' } as const;
    const record = { ...fresh, engine: { jobId: 'j' }, model: { downloadId: 'd' } };
    expect(look(record, { job, download })).toMatchObject({
      work: [],
      state: 'running',
      states: ['failed', 'running', 'waiting'],
    });
    expect(look(record, { job, model: MODEL })).toMatchObject({
      state: 'failed',
      states: ['failed', 'done', 'waiting'],
    });
  });

  it.each([
    ['the installation was canceled', { job: { state: 'cancelled' } }, 'engine'],
    ['the installation was of no use', { job: { state: 'done' } }, 'engine'],
    ['the download was removed', {}, 'model'],
  ] as const)('says that %s', (_, facts, step) => {
    const record = { ...fresh, engine: { jobId: 'j' }, model: { downloadId: 'd' } };
    const next = look(record, { job: { state: 'running' }, ...facts } as never);
    expect(describeSetup(next.record)[step].state).toBe('failed');
    expect(next.record[step].failure?.message).toMatch(/(was canceled|can't run)\.$/);
  });

  it('takes what a person mended elsewhere for done', () => {
    const failed = {
      ...fresh,
      engine: { failure: OFFLINE },
      model: { failure: OFFLINE },
    };
    expect(look(failed, { engine: ENGINE, model: MODEL }).work).toEqual(['create']);
    const refused = {
      ...made,
      server: { profileId: 'p1', failure: { ...OFFLINE, code: 'does_not_fit' as const } },
    };
    expect(look(refused, { server: { state: 'stopped' } }).work).toEqual([]);
    expect(look(refused, { server: { state: 'ready' } }).work).toEqual(['ask']);
  });

  it('ends with the profile', () => {
    expect(nextSteps(made, NOTHING, NOW)).toBeUndefined();
  });

  it('does not ask a server again and again that does not answer', () => {
    const silent = {
      ...made,
      server: { profileId: 'p1', failure: { ...OFFLINE, code: 'not_answering' as const } },
    };
    expect(look(silent, { server: { state: 'ready' } })).toMatchObject({
      work: [],
      state: 'failed',
    });
    expect(look(retried(silent), { server: { state: 'ready' } }).work).toEqual(['ask']);
  });

  it('tries what failed again, and only that', () => {
    const failed: SetupRecord = {
      ...fresh,
      engine: { doneAt: BEGAN, bytes: 1 },
      model: { downloadId: 'd', startedAt: BEGAN, failure: OFFLINE },
    };
    expect(retried(failed)).toEqual({ ...failed, model: {} });
    expect(look(retried(failed)).work).toEqual(['download']);
  });
});

describe('the next manager', () => {
  it('installs again, keeps the download, and starts the server again', () => {
    const record: SetupRecord = {
      ...fresh,
      engine: { jobId: 'gone', startedAt: BEGAN },
      model: { downloadId: 'd' },
    };
    const next = look(resumed(record, { wentDown: false }), { download: { state: 'queued' } });
    expect(next.work).toEqual(['install']);
    const started = { ...made, server: { profileId: 'p1', startedAt: BEGAN } };
    const again = resumed(started, { wentDown: false });
    expect(look(again, { server: { state: 'stopped' } }).work).toEqual(['start']);
  });

  it('starts nothing by itself after the machine went down under it', () => {
    const started = { ...made, server: { profileId: 'p1', startedAt: BEGAN } };
    const held = resumed(started, { wentDown: true });
    expect(look(held, { server: { state: 'stopped' } })).toMatchObject({
      work: [],
      state: 'failed',
    });
    expect(look(retried(held), { server: { state: 'stopped' } }).work).toEqual(['start']);
  });

  it('leaves one that is done as it is', () => {
    const done = { ...made, server: { profileId: 'p1', startedAt: BEGAN, doneAt: NOW } };
    expect(resumed(done, { wentDown: true })).toEqual(done);
  });
});

it('never works on a step that is done or has failed, whatever is true', () => {
  const state = fc.constantFrom('running', 'failed', 'done', 'cancelled');
  const facts = fc.record({
    engine: fc.option(fc.constant(ENGINE), { nil: undefined }),
    job: fc.option(fc.record({ state }), { nil: undefined }),
    model: fc.option(fc.constant(MODEL), { nil: undefined }),
    download: fc.option(fc.record({ state: fc.constantFrom('queued', 'running', 'done') }), {
      nil: undefined,
    }),
    server: fc.option(
      fc.record({ state: fc.constantFrom('stopped', 'loading', 'ready', 'failed', 'stuck') }),
      { nil: undefined },
    ),
  });
  fc.assert(
    fc.property(fc.array(facts, { maxLength: 12 }), (all) => {
      let record: SetupRecord = fresh;
      for (const one of all) {
        const next: ReturnType<typeof nextSteps> = nextSteps(record, one as SetupFacts, NOW);
        if (!next) return;
        const { engine, model, server, state: whole } = describeSetup(next.record);
        if (engine.state !== 'running') expect(next.work).not.toContain('install');
        if (model.state !== 'running') expect(next.work).not.toContain('download');
        if (server.state !== 'running' && next.record.server.failure === undefined) {
          expect(next.work.filter((work) => ['create', 'start', 'ask'].includes(work))).toEqual([]);
        }
        if (whole === 'failed')
          expect([engine, model, server].some((step) => step.failure)).toBe(true);
        record = next.record;
      }
    }),
  );
});
