import type { EngineJob, EngineJobPhase } from '@shared/domain/engine';
import { progressText } from '@shared/domain/package-progress';
import type { Context } from './context';
import { ProgressLine } from './progress-line';

/** One line for each phase of an installation, also where events were joined on the way; and how far its packages are. */
export class JobProgress {
  readonly #context: Context;
  readonly #shown = new Set<string>();
  readonly #line: ProgressLine;
  #last = '';

  constructor(context: Context) {
    this.#context = context;
    this.#line = new ProgressLine(context.output);
  }

  show(job: EngineJob): void {
    if (job.queuedAfter !== undefined) this.#tell('queued', job.message, job);
    for (const phase of job.phases) {
      if (phase.state === 'waiting') continue;
      const message = phase.detail ? `${phase.label}: ${phase.detail}` : phase.label;
      this.#tell(phase.id, message, job);
      if (phase.progress) this.#packages(phase, phase.progress, job);
    }
  }

  /** Ends the line that changes. */
  end(): void {
    this.#line.end();
  }

  #tell(phase: string, message: string, { fraction }: EngineJob): void {
    if (this.#shown.has(phase)) return;
    this.#shown.add(phase);
    const { json, output } = this.#context;
    this.#line.end();
    if (json) output.jsonLine({ event: 'progress', phase, message, fraction });
    else output.note(`${message} ...`);
  }

  #packages(
    { id, label }: EngineJobPhase,
    progress: NonNullable<EngineJobPhase['progress']>,
    { fraction }: EngineJob,
  ): void {
    const message = `${label}: ${progressText(progress)}`;
    if (message === this.#last) return;
    this.#last = message;
    const { json, output } = this.#context;
    if (!json) this.#line.show(message);
    else output.jsonLine({ event: 'progress', phase: id, message, fraction, packages: progress });
  }
}
