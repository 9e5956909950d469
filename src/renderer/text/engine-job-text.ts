import type { Glyph } from '@renderer/components/StateGlyph';
import type { EngineJob, EngineJobPhase } from '@shared/domain/engine';

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
  update: 'Updating',
  reinstall: 'Reinstalling',
  register: 'Registering',
  test: 'Testing',
} as const;

/** `Installing mlx-lm 0.32.2`, `Updating to 0.33.0`. */
export function jobTitle(job: EngineJob): string {
  if (job.kind === 'update' && job.version) return `Updating to ${job.version}`;
  return `${TITLES[job.kind]} ${job.version ? `${job.engine} ${job.version}` : job.engine}`;
}

/** What a job does to what is in use, one sentence or two. */
export function jobPromise(job: EngineJob, versionInUse: string | undefined): string {
  const keeps = versionInUse === undefined ? '' : `${versionInUse} keeps serving. `;
  switch (job.kind) {
    case 'install':
    case 'update':
      return `${keeps}The new version is used only after it passes the self-test.`;
    case 'reinstall':
      return 'The old installation is replaced only after the new one passes the self-test.';
    case 'register':
      return `${keeps}Your environment isn't changed, and is used only after it passes the self-test.`;
    case 'test':
      return "Runs the built-in model to check that the engine works. Running servers aren't affected.";
  }
}
