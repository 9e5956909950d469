import { isUnderWay } from '@shared/domain/download-state';
import type { NotificationKind } from '@shared/domain/settings';
import { failureWords } from '@shared/errors/failure-label';
import type { LiveData } from '@shared/live/live-data';

/** Something to tell who is not looking. */
export interface NotificationModel {
  readonly kind: NotificationKind;
  readonly title: string;
  readonly body: string;
  /** What a click shows (the command palette's words). */
  readonly action: string;
}

/** Shorter work was watched by who began it. */
const LONG_JOB_MS = 15_000;

/**
 * What has newly happened between two moments that a person would want to know when not looking: a server
 * that has given up, an installation or a download that ended, an update that is ready. Never a crash that is being mended.
 */
export function notificationsBetween(before: LiveData, after: LiveData): NotificationModel[] {
  const wanted = after.settings.notifications;
  return [
    ...serverFailures(before, after),
    ...refusedAtStartup(before, after),
    ...endedJobs(before, after),
    ...endedDownloads(before, after),
    ...updates(before, after),
  ].filter(({ kind }) => wanted.includes(kind));
}

function serverFailures(before: LiveData, after: LiveData): NotificationModel[] {
  return Object.values(after.servers).flatMap((server): NotificationModel[] => {
    const earlier = before.servers[server.profileId]?.state;
    const gaveUp = server.state === 'failed' || server.state === 'stuck';
    // One that was never seen before did not fail just now.
    if (!gaveUp || earlier === undefined || earlier === server.state) return [];
    const { failure } = server;
    const title = server.state === 'stuck' ? `${server.name} is stuck` : `${server.name} failed`;
    return [
      {
        kind: 'failures',
        title: failure ? `${title}: ${failureWords(failure.code)}` : title,
        body: failure?.message ?? 'Open MLX Manager for details.',
        action: `show:${server.profileId}`,
      },
    ];
  });
}

/** Of what was to start with the application; who starts something by hand is told there. */
function refusedAtStartup(before: LiveData, after: LiveData): NotificationModel[] {
  return (after.startup?.entries ?? []).flatMap(({ profileId }): NotificationModel[] => {
    const server = after.servers[profileId];
    if (!server?.refusal || before.servers[profileId]?.refusal) return [];
    return [
      {
        kind: 'failures',
        title: `${server.name} didn’t start`,
        body: server.refusal.message,
        action: `show:${profileId}`,
      },
    ];
  });
}

function endedJobs(before: LiveData, after: LiveData): NotificationModel[] {
  return Object.values(after.engineJobs).flatMap((job): NotificationModel[] => {
    const ended = before.engineJobs[job.id]?.state === 'running' && job.state !== 'running';
    if (!ended || job.state === 'cancelled') return [];
    if (job.state === 'done' && !wasLong(job.startedAt, job.endedAt)) return [];
    const what = job.version ? `${job.engine} ${job.version}` : job.engine;
    return [
      {
        kind: 'installations',
        title: job.state === 'done' ? `${what} is ready` : `Couldn’t install ${what}`,
        body: job.failure?.message ?? 'It passed its self-test.',
        action: `engine-page:${job.engine}`,
      },
    ];
  });
}

/** Only those that were seen under way: what was paused, taken away or shown anew has not ended just now. */
function endedDownloads(before: LiveData, after: LiveData): NotificationModel[] {
  const earlier = new Map(before.downloads.map(({ id, state }) => [id, state]));
  return after.downloads.flatMap((download): NotificationModel[] => {
    const { id, ref, state, addedAt, endedAt, failure, repair } = download;
    const was = earlier.get(id);
    if (was === undefined || !isUnderWay(was) || isUnderWay(state) || state === 'paused') return [];
    const name = ref.split('/').at(-1) ?? ref;
    if (state === 'done') {
      if (!wasLong(addedAt, endedAt)) return [];
      const title = repair ? `${name} was repaired` : `${name} was downloaded`;
      const body = 'Every byte matches what Hugging Face published.';
      return [{ kind: 'downloads', title, body, action: 'go:models' }];
    }
    const body = failure?.message ?? 'Open Discover for details.';
    const title = `Couldn’t download ${name}`;
    return [{ kind: 'downloads', title, body, action: 'go:discover' }];
  });
}

function wasLong(startedAt: string, endedAt: string | undefined): boolean {
  return endedAt !== undefined && Date.parse(endedAt) - Date.parse(startedAt) >= LONG_JOB_MS;
}

function updates(before: LiveData, after: LiveData): NotificationModel[] {
  const update = after.desktop?.update;
  if (update?.state !== 'ready' || before.desktop?.update.state === 'ready') return [];
  return [
    {
      kind: 'updates',
      title: `MLX Manager ${update.version ?? ''} is ready`.replace('  ', ' '),
      body: 'It installs when you quit MLX Manager, or now from the menu bar.',
      action: 'go:settings',
    },
  ];
}
