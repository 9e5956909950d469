import { isDeepStrictEqual } from 'node:util';

import type { Topic } from '@shared/contract';
import type { Failure } from '@shared/domain/failure';
import type { Setup, SetupPlan } from '@shared/domain/setup';
import { DomainError, messageOf } from '@shared/errors';

import { toFailure } from '../failures/convert';
import type { NoticeBoard } from '../notices/notice-board';
import type { Clock, DocumentStore, Logger } from '../ports';
import type { Background } from '../ports/background';
import { JsonDocument } from '../storage/json-document';
import { nextSteps, resumed, retried, type SetupFacts, type SetupWork, stepOf } from './next-steps';
import { describeSetup, newSetup, SETUP, type SetupRecord } from './setup-record';
import { endWork, installationOf, profileOf, type SetupParts } from './setup-work';

export interface SetupServiceOptions extends SetupParts {
  readonly document: DocumentStore;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly notices: NoticeBoard;
  readonly background: Background;
  readonly publish: (setup: Setup | null) => void;
}

/** What a new server is asked, so that a person sees it answer. */
const QUESTION = { text: 'Why is the sky blue? One sentence.', maxTokens: 512 };

/** Events after which a set-up may have come further. */
const NEWS: ReadonlySet<Topic> = new Set<Topic>([
  'installations.changed',
  'engineJobs.changed',
  'downloads.changed',
  'models.changed',
  'profiles.changed',
  'servers.changed',
]);

/**
 * Sets a first server up: engine and model side by side, then the profile, its start and a first answer. It owns
 * none of these; it looks at what is true of them after each change and does what is missing. So it goes on after a
 * quit, and takes what a person did meanwhile for done.
 */
export class SetupService {
  readonly #options: SetupServiceOptions;
  readonly #document: JsonDocument<{ setup: SetupRecord | null }>;
  /** Work under way: none is begun twice. */
  readonly #busy = new Set<SetupWork>();
  #isRunning = false;
  /** It is being canceled: what was begun is ended, and nothing more is noted of it. */
  #isEnding = false;
  #isLooking = false;
  #hasNews = false;

  constructor(options: SetupServiceOptions) {
    this.#options = options;
    const { document: store, clock, logger, notices } = options;
    this.#document = new JsonDocument({ store, spec: SETUP, clock, logger, notices });
  }

  get readOnly(): boolean {
    return this.#document.readOnly;
  }

  /** What is to be shown; null where there is none. */
  get current(): Setup | null {
    const record = this.#record;
    return record && describeSetup(record);
  }

  async load(): Promise<void> {
    await this.#document.load();
  }

  /** Goes on with what an earlier manager began. `wentDown`: the machine did, under a server. */
  async resume({ wentDown }: { readonly wentDown: boolean }): Promise<void> {
    this.#isRunning = true;
    if (!this.#record || this.readOnly) return;
    try {
      await this.#change(this.#record, (record) => resumed(record, { wentDown }));
    } catch (error) {
      // A disk that takes nothing keeps no manager from starting; the setup is as it was, and is tried again on demand.
      this.#options.logger.warn('The setup could not be resumed', { error: messageOf(error) });
      return;
    }
    this.#look();
  }

  /** Nothing more is begun. */
  stop(): void {
    this.#isRunning = false;
  }

  /** Something was told to the views: what is waited for may have come. */
  observe(topic: Topic): void {
    if (NEWS.has(topic)) this.#look();
  }

  /**
   * Begins a set-up.
   * @throws DomainError conflict while another one is under way, read_only, disk_full.
   */
  async start(plan: SetupPlan): Promise<Setup> {
    if (this.current?.state === 'running') {
      throw new DomainError('conflict', `${this.current.plan.name} is being set up already.`);
    }
    const record = newSetup(plan, this.#now());
    await this.#save(record);
    this.#options.logger.info('A first server is set up', { ...plan });
    this.#look();
    return describeSetup(record);
  }

  /** Tries what failed again. @throws DomainError not_found where there is no set-up. */
  async retry(): Promise<Setup> {
    if (!this.#record) throw new DomainError('not_found', 'No server is being set up.');
    await this.#change(this.#record, retried);
    this.#look();
    if (!this.#record) throw new DomainError('not_found', 'The setup was canceled.');
    return describeSetup(this.#record);
  }

  /** Ends what is under way; bytes that have come, an engine and a profile that are there stay. */
  async cancel(): Promise<void> {
    const record = this.#record;
    if (!record || this.#isEnding) return;
    this.#isEnding = true;
    try {
      await endWork(record, this.#options);
    } finally {
      await this.#save(null);
      this.#isEnding = false;
    }
  }

  /** A person has seen how it ended. @throws DomainError conflict while it is under way. */
  async dismiss(): Promise<void> {
    if (this.current?.state === 'running') {
      throw new DomainError('conflict', 'The setup is still under way; cancel it first.');
    }
    if (this.#record) await this.#save(null);
  }

  get #record(): SetupRecord | null {
    return this.#document.value.setup;
  }

  /** Looks once more than there was news, and never twice at a time. */
  #look(): void {
    if (!this.#isRunning || this.#isEnding || this.#record === null) return;
    this.#hasNews = true;
    if (this.#isLooking) return;
    this.#isLooking = true;
    this.#options.background.run('set up a first server', async (signal) => {
      try {
        while (this.#hasNews && this.#isRunning && !this.#isEnding && !signal.aborted) {
          this.#hasNews = false;
          await this.#advance();
        }
      } finally {
        this.#isLooking = false;
      }
    });
  }

  async #advance(): Promise<void> {
    const before = this.#record;
    if (!before || describeSetup(before).state === 'done') return;
    const next = nextSteps(before, await this.#facts(before), this.#now());
    const record = next?.record ?? null;
    if (!isDeepStrictEqual(record, before)) {
      this.#hasNews = true;
      if (!(await this.#replace(before, record))) return;
    } else if (this.#record !== before) return;
    for (const work of next?.work ?? []) this.#begin(work, before);
  }

  async #facts(record: SetupRecord): Promise<SetupFacts> {
    const { engines, models, downloads, profiles, servers } = this.#options;
    const { plan, engine, model, server } = record;
    const installation = engines().inUse(plan.engine);
    const download = downloads()
      .list()
      .find(({ id }) => id === model.downloadId);
    const isComing = download !== undefined && download.state !== 'done';
    const found =
      model.doneAt !== undefined || isComing ? undefined : await models().resolve(plan.model);
    const { profileId } = server;
    return {
      // Whether it can run may be unknown: then the start itself tells, and nothing is installed beside it.
      engine:
        installation?.state === 'ready' || installation?.state === 'unknown'
          ? installation
          : undefined,
      job: engines()
        .jobs()
        .find(({ id }) => id === engine.jobId),
      model: found?.model.complete ? found.model : undefined,
      download,
      server:
        profileId !== undefined && profiles().get(profileId) ? servers().get(profileId) : undefined,
    };
  }

  #begin(work: SetupWork, setup: SetupRecord): void {
    if (this.#busy.has(work)) return;
    this.#busy.add(work);
    this.#options.background.run(`set up: ${work}`, async () => {
      try {
        await this.#do(work, setup).catch((error: unknown) =>
          this.#failed(work, setup, toFailure(error)),
        );
      } finally {
        this.#busy.delete(work);
      }
      // Where not even the failure could be kept, the next change of anything is the next try, and not this one.
      this.#look();
    });
  }

  async #failed(work: SetupWork, setup: SetupRecord, failure: Failure): Promise<void> {
    // A quit is no failure: the next manager goes on.
    if (!this.#isRunning || failure.code === 'quitting') return;
    const step = stepOf(work);
    this.#options.logger.warn(`Setup: ${work} failed`, { message: failure.message });
    await this.#change(setup, (one) => ({ ...one, [step]: { ...one[step], failure } }));
  }

  async #do(work: SetupWork, setup: SetupRecord): Promise<void> {
    const { engines, downloads, servers } = this.#options;
    const record = this.#record;
    if (!record || !isSame(record, setup)) return;
    const { plan } = record;
    const profileId = record.server.profileId ?? '';
    switch (work) {
      case 'install': {
        const jobId = await installationOf(plan.engine, this.#options);
        const kept = await this.#change(setup, (one) => ({
          ...one,
          engine: { ...one.engine, jobId },
        }));
        if (!kept) await engines().cancel(jobId);
        return;
      }
      case 'download': {
        // Hugging Face has its own way to write a name, and that is the folder's.
        const { id, ref } = await downloads().start({ ref: plan.model, revision: 'main' });
        const kept = await this.#change(setup, (one) => ({
          ...one,
          plan: { ...one.plan, model: ref },
          model: { ...one.model, downloadId: id },
        }));
        if (!kept) await downloads().pause(id);
        return;
      }
      case 'create': {
        const id = await profileOf(plan, this.#options);
        await this.#change(setup, (one) => ({ ...one, server: { ...one.server, profileId: id } }));
        return;
      }
      case 'start': {
        const startedAt = this.#now();
        await servers().start(profileId);
        await this.#change(setup, (one) => ({ ...one, server: { ...one.server, startedAt } }));
        return;
      }
      case 'ask': {
        const answer = { ...(await servers().test(profileId, QUESTION)), question: QUESTION.text };
        await this.#change(setup, (one) => ({ ...one, answer }));
      }
    }
  }

  /** Changes this set-up. @returns whether it is still there. */
  async #change(
    setup: SetupRecord,
    change: (record: SetupRecord) => SetupRecord,
  ): Promise<boolean> {
    let isThere = false;
    await this.#document.update(({ setup: now }) => {
      isThere = now !== null && isSame(now, setup) && !this.#isEnding;
      return { setup: now && isThere ? change(now) : now };
    });
    if (isThere) this.#options.publish(this.current);
    return isThere;
  }

  /** Puts another record in the place of this one, unless it was changed meanwhile. @returns whether it did. */
  async #replace(before: SetupRecord, record: SetupRecord | null): Promise<boolean> {
    let isDone = false;
    await this.#document.update(({ setup }) => {
      isDone = setup === before && !this.#isEnding;
      return { setup: isDone ? record : setup };
    });
    if (isDone) this.#options.publish(this.current);
    return isDone;
  }

  async #save(record: SetupRecord | null): Promise<void> {
    await this.#document.update(() => ({ setup: record }));
    this.#options.publish(this.current);
  }

  #now(): string {
    return new Date(this.#options.clock.now()).toISOString();
  }
}

/** Whether two records are of one set-up. */
function isSame(a: SetupRecord, b: SetupRecord): boolean {
  return a.startedAt === b.startedAt;
}
