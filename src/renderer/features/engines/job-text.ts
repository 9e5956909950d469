import type { EngineJob, EngineJobPhase } from '@shared/domain/engine';
import type { Glyph } from '../../components/StateGlyph';

/** The shape of a phase's state. */
export function phaseGlyph(phase: EngineJobPhase): Glyph {
  switch (phase.state) {
    case 'waiting':
      return 'stopped';
    case 'running':
      return 'loading';
    case 'done':
      return 'ok';
    case 'failed':
      return 'failed';
  }
}

/** The newest job of an engine, running or just ended. */
export function jobOf(jobs: readonly EngineJob[], engine: string): EngineJob | undefined {
  return jobs
    .filter((job) => job.engine === engine)
    .sort((a, b) => b.startedAt.localeCompare(a.startedAt))[0];
}

const TITLES = {
  install: 'Installing',
  update: 'Updating to',
  register: 'Registering',
  test: 'Testing',
} as const;

/** `Installing mlx-lm`, `Updating to 0.33.0`. */
export function jobTitle(job: EngineJob): string {
  if (job.kind === 'update' && job.version) return `${TITLES.update} ${job.version}`;
  const what = job.version ? `${job.engine} ${job.version}` : job.engine;
  return job.kind === 'update' ? `Updating ${what}` : `${TITLES[job.kind]} ${what}`;
}
