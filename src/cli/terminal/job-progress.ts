import type { EngineJob } from '@shared/domain/engine';
import type { Context } from './context';

/** One line for each phase of an installation, also where events were joined on the way. */
export class JobProgress {
  readonly #context: Context;
  readonly #shown = new Set<string>();

  constructor(context: Context) {
    this.#context = context;
  }

  show(job: EngineJob): void {
    for (const phase of job.phases) {
      if (phase.state === 'waiting' || this.#shown.has(phase.id)) continue;
      this.#shown.add(phase.id);
      const message = phase.detail ? `${phase.label}: ${phase.detail}` : phase.label;
      this.#line(phase.id, message, job.fraction);
    }
  }

  #line(phase: string, message: string, fraction: number): void {
    const { json, output } = this.#context;
    if (json) output.jsonLine({ event: 'progress', phase, message, fraction });
    else output.note(`${message} ...`);
  }
}
