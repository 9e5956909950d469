import type { ServerFailure } from '@shared/domain/server';
import type { ServerProfile } from '@shared/domain/profile';
import { sleep } from '../../ports/clock';
import { toServerFailure } from '../../failures/convert';
import type { Outcome, OutcomeRecords } from '../launch/outcome-records';
import type { Effect, Message, Supervised } from './messages';
import { type PrepareContext, prepareRun } from './prepare-run';
import { type RunOutcome, type RunParts, ServerRun } from './server-run';
import { step, stoppedServer } from './step';

export interface LoopContext extends PrepareContext {
  readonly outcomes: Pick<OutcomeRecords, 'write' | 'remove'>;
  readonly random: () => number;
  /** What an asked-for stop gives a server before it is killed, ms. */
  readonly stopGraceMs: () => number;
  readonly releaseMemory: (profileId: string) => void;
}

/** What a process that ended or failed by itself gets before it is killed, ms. */
const SHORT_GRACE_MS = 2000;

/**
 * The one that writes the state of a server. Messages are taken one after the other; what they ask for is begun in
 * their order and answers with further messages. So nothing can happen to a server between a look at its state
 * and what follows from it.
 */
export class ServerLoop {
  readonly #profileId: string;
  readonly #context: LoopContext;
  readonly #onChange: () => void;
  readonly #waiting = new Set<() => void>();
  /** What was begun and has not ended, with the number of its run. */
  readonly #tasks = new Map<Promise<void>, number>();
  #server: Supervised;
  #run: ServerRun | undefined;
  #inbox: Message[] = [];
  #isReading = false;
  /** Ends the preparation, the watch and the wait that are under way. */
  #preparation = new AbortController();
  #watch = new AbortController();
  #wait = new AbortController();
  #remembering: Promise<void> = Promise.resolve();

  constructor(profileId: string, context: LoopContext, onChange: () => void) {
    this.#profileId = profileId;
    this.#context = context;
    this.#onChange = onChange;
    this.#server = stoppedServer(context.clock.now());
  }

  get server(): Supervised {
    return this.#server;
  }

  /** The run under watch, or whose end is under way. */
  get run(): ServerRun | undefined {
    return this.#run;
  }

  send(message: Message): void {
    this.#inbox.push(message);
    if (this.#isReading) return;
    this.#isReading = true;
    try {
      for (let next = this.#inbox.shift(); next !== undefined; next = this.#inbox.shift())
        this.#take(next);
    } finally {
      this.#isReading = false;
    }
  }

  /** Goes on with a run of an earlier manager: `adopt`, `clear` or `unclear`. */
  takeOver(run: ServerRun, message: Message & { type: 'adopt' | 'clear' | 'unclear' }): void {
    this.#run = run;
    this.send(message);
    if (message.type === 'adopt') this.#followExit(run, this.#server.run);
  }

  /** Resolves when the server is as asked. Looked at after every message, so that no waiter is forgotten. */
  until(isSo: (server: Supervised) => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (!isSo(this.#server)) return;
        this.#waiting.delete(look);
        resolve();
      };
      this.#waiting.add(look);
      look();
    });
  }

  /** Resolves when everything that was begun for the runs up to this one has ended and is on the disk. */
  async idle(run: number): Promise<void> {
    const tasks = [...this.#tasks].flatMap(([task, number]) => (number <= run ? [task] : []));
    await Promise.all([...tasks, this.#remembering]);
  }

  /** Tells views that something beside the state has changed. */
  changed(): void {
    this.#onChange();
  }

  #take(message: Message): void {
    const before = this.#server;
    const { clock, random, profile } = this.#context;
    const restart: ServerProfile['restart'] = profile(this.#profileId)?.restart ?? 'never';
    const moment = { at: clock.monotonic(), wall: clock.now(), random: random(), restart };
    const { server, effects } = step(before, message, moment);
    this.#server = server;
    if (message.type === 'gone' || message.type === 'vanished') this.#run = undefined;
    for (const effect of effects) this.#begin(effect);
    if (server !== before) this.#onChange();
    for (const look of [...this.#waiting]) look();
  }

  #begin(effect: Effect): void {
    switch (effect.do) {
      case 'prepare':
        this.#prepare(effect);
        break;
      case 'cancelPreparation':
        this.#preparation.abort();
        break;
      case 'prove':
        this.#prove(effect.run);
        break;
      case 'watch':
        this.#watchRun(effect.run);
        break;
      case 'unwatch':
        this.#watch.abort();
        break;
      case 'drain':
        this.#drain(effect.run);
        break;
      case 'end':
        this.#end(effect);
        break;
      case 'lookAgain':
        this.#lookAgain(effect.run);
        break;
      case 'leave':
        this.#leave(effect.run);
        break;
      case 'wait':
        this.#waitFor(effect);
        break;
      case 'cancelWait':
        this.#wait.abort();
        break;
      case 'releaseMemory':
        this.#context.releaseMemory(this.#profileId);
        break;
      case 'remember':
        this.#remember();
        break;
    }
  }

  /** Runs a task of a run; a defect in it is a message like every other. */
  #task(run: number, work: () => Promise<void>): void {
    const task = work()
      .catch((error: unknown) => this.#defect(run, error))
      .finally(() => this.#tasks.delete(task));
    this.#tasks.set(task, run);
  }

  #defect(run: number, error: unknown): void {
    this.#context.logger.error('Supervision failed', {
      profileId: this.#profileId,
      error: error instanceof Error ? (error.stack ?? error.message) : String(error),
    });
    this.send({ type: 'defect', run, failure: toServerFailure(error) });
  }

  #prepare({ run, safeMode }: Extract<Effect, { do: 'prepare' }>): void {
    this.#preparation = new AbortController();
    const { signal } = this.#preparation;
    const { restarts } = this.#server;
    this.#run = undefined;
    this.#task(run, async () => {
      const prepared = await prepareRun(
        this.#profileId,
        { safeMode, restarts },
        this.#context,
        signal,
      );
      if (prepared.type !== 'spawned') {
        this.send({ ...prepared, run });
        return;
      }
      this.#run = prepared.made;
      this.send({ type: 'spawned', run });
      this.#followExit(prepared.made, run);
      if (prepared.unrecorded) this.send({ type: 'defect', run, failure: prepared.unrecorded });
    });
  }

  #followExit(run: ServerRun, number: number): void {
    // Not a task to be waited for: a process that is left to the next manager may live for days.
    run.process.exited.then(
      () => this.send({ type: 'exited', run: number }),
      (error: unknown) => this.#defect(number, error),
    );
  }

  #prove(run: number): void {
    const { signal } = this.#newWatch();
    this.#withRun(run, async (current) => {
      const proof = await current.prove(signal, (phase, loading) =>
        this.send({ type: 'phase', run, phase, loading }),
      );
      if (signal.aborted || proof.kind === 'aborted') return;
      if (proof.kind === 'failed') {
        this.send({ type: 'notReady', run, failure: proof.failure });
        return;
      }
      const known = current.record.ready;
      const afterMs = known?.afterMs ?? current.ageMs;
      const since = known && Date.parse(known.since);
      this.send({ type: 'ready', run, afterMs, since });
      await current.noteReady(afterMs, this.#server.since);
    });
  }

  #watchRun(run: number): void {
    const { signal } = this.#newWatch();
    this.#withRun(run, async (current) => {
      const end = await current.watch(signal, {
        onSuspect: (why) => this.send({ type: 'suspected', run, why }),
        onRecover: () => this.send({ type: 'recovered', run }),
        onChange: () => this.#onChange(),
      });
      if (end && !signal.aborted) this.send({ type: 'hung', run, failure: end.failure });
    });
  }

  #drain(run: number): void {
    const { signal } = this.#newWatch();
    this.#withRun(run, async (current) => {
      await current.drain(signal, () => this.send({ type: 'draining', run }));
      this.send({ type: 'drained', run });
    });
  }

  #end({ run, cause }: Extract<Effect, { do: 'end' }>): void {
    const graceMs = cause.kind === 'asked' ? this.#context.stopGraceMs() : SHORT_GRACE_MS;
    this.#withRun(run, async (current) => {
      const outcome = await current.end(cause, graceMs);
      this.send(
        outcome.gone
          ? { type: 'gone', run, end: outcome.end }
          : { type: 'survived', run, failure: outcome.failure },
      );
    });
  }

  #lookAgain(run: number): void {
    this.#withRun(run, async (current) => {
      const outcome: RunOutcome | { readonly found: ServerRun['process'] } =
        await current.lookAgain();
      if ('found' in outcome) this.#found(current, outcome.found, run);
      else
        this.send(
          outcome.gone
            ? { type: 'vanished', run }
            : { type: 'still', run, failure: outcome.failure },
        );
    });
  }

  #found(stand: ServerRun, process: ServerRun['process'], run: number): void {
    const { log, record, adapter, profile } = stand;
    const parts: RunParts = { process, log, record, adapter, profile, adopted: true };
    this.#run = new ServerRun(parts, this.#context);
    this.send({ type: 'found', run });
    this.#followExit(this.#run, run);
  }

  #leave(run: number): void {
    this.#withRun(run, async (current) => {
      await current.leave();
      this.send({ type: 'left', run });
    });
  }

  #waitFor({ run, ms }: Extract<Effect, { do: 'wait' }>): void {
    this.#wait.abort();
    this.#wait = new AbortController();
    const { signal } = this.#wait;
    // A first new try does not wait for the next turn of the timers.
    if (ms === 0) {
      this.send({ type: 'due', run });
      return;
    }
    // No work that a stop waits for: it ends with its signal, and cannot fail.
    sleep(this.#context.clock, ms, signal).then(
      () => signal.aborted || this.send({ type: 'due', run }),
      (error: unknown) => this.#defect(run, error),
    );
  }

  #remember(): void {
    const { outcomes, logger } = this.#context;
    const { state, failure, since, restarts, incident } = this.#server;
    const isFailed = state === 'failed';
    const outcome: Outcome | undefined =
      isFailed || incident
        ? {
            profileId: this.#profileId,
            ...(isFailed && failure ? { failure } : {}),
            since,
            restarts,
            ...(incident ? { incident } : {}),
          }
        : undefined;
    this.#remembering = this.#remembering
      .then(() => (outcome ? outcomes.write(outcome) : outcomes.remove(this.#profileId)))
      .catch((error: unknown) => {
        // A full disk must keep nothing from being started; what is known stays in memory.
        logger.warn('What a server ended with could not be written down', {
          profileId: this.#profileId,
          error: String(error),
        });
      });
  }

  #newWatch(): AbortController {
    this.#watch.abort();
    this.#watch = new AbortController();
    return this.#watch;
  }

  /** The run of this number, as it is now: it cannot be another one, since a new one begins only when it is gone. */
  #withRun(run: number, work: (current: ServerRun) => Promise<void>): void {
    const current = this.#run;
    this.#task(run, async () => {
      if (!current) throw new Error('There is no process to act on.');
      await work(current);
    });
  }
}

/** What of a server's failure can be shown in its present state. */
export function shownFailure({ state, failure }: Supervised): ServerFailure | undefined {
  return state === 'failed' || state === 'backoff' || state === 'stuck' ? failure : undefined;
}
