import type { Context } from '@cli/terminal/context';
import { JobProgress } from '@cli/terminal/job-progress';
import { aJob } from '@fixtures/live-data';
import type { EngineJob, PackageProgress } from '@shared/domain/engine';
import { expect, test } from 'vitest';

/** What is printed of these steps of a job. */
function printed(steps: readonly EngineJob[], json = false): unknown[] {
  const lines: unknown[] = [];
  const output = {
    note: (line: string) => lines.push(line),
    jsonLine: (value: unknown) => lines.push(value),
  };
  const progress = new JobProgress({ json, output } as unknown as Context);
  for (const step of steps) progress.show(step);
  progress.end();
  return lines;
}

const PROGRESS: PackageProgress = {
  ...{ done: 14, total: 38, bytes: 84e6, totalBytes: 221e6 },
  ...{ bytesPerSecond: 4.4e6, secondsLeft: 31 },
};
const packages = (progress?: PackageProgress): EngineJob =>
  aJob({
    phases: [{ id: 'packages', label: 'Installing packages', state: 'running', progress }],
  });

test('a phase has one line, and its packages one that says how far they are', () => {
  expect(printed([packages(), packages(), packages(PROGRESS), packages(PROGRESS)])).toEqual([
    'Installing packages ...',
    'Installing packages: 14 of 38, 84 of 221 MB, 4.4 MB/s, 31 s left',
  ]);
});

test('what waits for another engine says so, once', () => {
  const queued = aJob({ queuedAfter: 'mlx-vlm', message: 'Queued, after mlx-vlm' });
  expect(printed([queued, queued, packages()])).toEqual([
    'Queued, after mlx-vlm ...',
    'Installing packages ...',
  ]);
});

test('as JSON, the numbers themselves, and each only once', () => {
  const [first, second, ...rest] = printed(
    [packages(), packages(PROGRESS), packages(PROGRESS)],
    true,
  );
  expect(first).toEqual({
    ...{ event: 'progress', phase: 'packages', message: 'Installing packages', fraction: 0.42 },
  });
  expect(second).toMatchObject({ event: 'progress', phase: 'packages', packages: PROGRESS });
  expect(rest).toEqual([]);
});
