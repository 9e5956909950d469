import type { Glyph } from '@renderer/components/StateGlyph';
import type { EngineJob, EngineJobPhase, PackageProgress } from '@shared/domain/engine';
import { amountText, packagesText } from '@shared/domain/package-progress';

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

/** The same beside the engine's name: `Installing 0.33.1`. */
export function shortJobTitle(job: EngineJob): string {
  if (job.kind === 'update') return jobTitle(job);
  return job.version ? `${TITLES[job.kind]} ${job.version}` : TITLES[job.kind];
}

/** How far the packages of a job are; undefined while nothing is known of that. */
export function packageProgress(job: EngineJob): PackageProgress | undefined {
  return job.state === 'running' ? job.phases.find((phase) => phase.progress)?.progress : undefined;
}

/** What a job is at, in a few words: `84 of 221 MB`, `14 of 38 packages`, `Reading options`. */
export function jobFact(job: EngineJob): string {
  const progress = packageProgress(job);
  if (progress === undefined) return job.phases.find(isRunning)?.label ?? '';
  const { bytesPerSecond: _speed, ...amount } = progress;
  return amountText(amount) || `${packagesText(progress)} packages`;
}

const isRunning = ({ state }: EngineJobPhase): boolean => state === 'running';

/** Why a job has not begun. */
export function queuedSentence(after: string): string {
  return `Queued, after ${after}. Installations run one at a time.`;
}

/** What a job does to what is in use, one sentence or two. */
export function jobPromise(job: EngineJob, versionInUse: string | undefined): string {
  const keeps = versionInUse === undefined ? '' : `${versionInUse} keeps serving. `;
  switch (job.kind) {
    case 'install':
    case 'update':
      return `${keeps}The new version is used only after its self-test has passed.`;
    case 'reinstall':
      return 'The old installation is replaced only after the new one has passed its self-test.';
    case 'register':
      return `${keeps}Nothing in the environment is changed; it is used only after its self-test has passed.`;
    case 'test':
      return "Runs the built-in model to check that the engine works. Running servers aren't affected.";
  }
}
