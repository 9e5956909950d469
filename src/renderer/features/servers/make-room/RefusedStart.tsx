import { useState } from 'react';

import { ErrorBlock, errorSentence } from '@renderer/components/ErrorBlock';
import { FixButtons } from '@renderer/components/FixButtons';
import { shorterContext } from '@renderer/domain/memory/shorter-context';
import { useProblem } from '@renderer/domain/servers/problems';
import { useServerActions } from '@renderer/domain/servers/server-actions';
import { useRpcQuery } from '@renderer/queries/use-rpc';
import type { FitReport } from '@shared/domain/memory';
import { doesNotFit, fitsNow, shortText } from '@shared/domain/memory-labels';
import type { ServerProfile } from '@shared/domain/profile';
import type { Server } from '@shared/domain/server';
import { formatMemory } from '@shared/format/bytes';
import { ContextTable } from './ContextTable';
import { roomOf } from './room';
import { StopList } from './StopList';
import { sumRows } from './sum-rows';
import { SumBars } from './SumBars';
import { lessOf, type Work, waysToStart } from './ways';

/** Whether it was not started for lack of memory, so that room is to be made first. */
export function wantsRoom({ refusal, failure, state }: Server): boolean {
  if (refusal) return true;
  return (state === 'failed' || state === 'backoff') && failure?.action?.id === 'make_room';
}

interface RefusedStartProps {
  readonly profile: ServerProfile;
  readonly server: Server;
}

/** A start that did not fit: the numbers, and every way to make it fit, all as they are now. */
export function RefusedStart({ profile, server }: RefusedStartProps) {
  const { data: report, error } = useRpcQuery('profiles.fit', { profileId: profile.id });
  const said = server.refusal?.message ?? server.failure?.message ?? '';
  if (error) return <ErrorBlock tone="warning" sentence={said} detail={errorSentence(error)} />;
  if (report === undefined) return null;
  // What it needs is no longer known, e.g. because its model is gone; only another start can tell.
  if (report === null) return <StartAgain profile={profile} tone="warning" sentence={said} />;
  if (report.fit.verdict === 'no') {
    return <MakeRoom profile={profile} report={report} isRefusal={server.refusal !== undefined} />;
  }
  const { limit, inUse, total, verdict } = report.fit;
  const left = `${formatMemory(limit - inUse - total)} would be left.`;
  return (
    <StartAgain
      profile={profile}
      tone="good"
      sentence={fitsNow(profile.name, report)}
      detail={verdict === 'tight' ? `Tight: ${left}` : left}
    />
  );
}

interface StartAgainProps {
  readonly profile: ServerProfile;
  readonly tone: 'warning' | 'good';
  readonly sentence: string;
  readonly detail?: string;
}

function StartAgain({ profile, tone, sentence, detail }: StartAgainProps) {
  const actions = useServerActions();
  const start = { label: `Start ${profile.name}`, onSelect: () => void actions.start(profile.id) };
  return (
    <ErrorBlock
      tone={tone}
      sentence={sentence}
      detail={detail}
      actions={<FixButtons fixes={[start]} />}
    />
  );
}

interface MakeRoomProps {
  readonly profile: ServerProfile;
  readonly report: FitReport;
  /** A start was refused just now; otherwise the manager tries or tried by itself. */
  readonly isRefusal: boolean;
}

function MakeRoom({ profile, report, isRefusal }: MakeRoomProps) {
  // Once the person has ticked something that choice stays; before, the proposal is shown as it changes.
  const [chosen, setChosen] = useState<readonly string[]>();
  const [busy, setBusy] = useState<Work>();
  const actions = useServerActions();
  const problem = useProblem(profile.id);
  const room = roomOf(report, chosen ?? report.toStop);
  const ticked = room.ticked.map(({ profileId }) => profileId);
  const tick = (profileId: string, on: boolean): void => {
    const others = ticked.filter((id) => id !== profileId);
    setChosen(on ? [...others, profileId] : others);
  };
  const run = (work: Work, start: () => Promise<void>): void => {
    if (busy) return;
    setBusy(work);
    void start().finally(() => setBusy(undefined));
  };
  const lower = (context: number): void =>
    run('context', () => actions.startWithContext(profile, context));
  const { id } = profile;
  const shorter = shorterContext(report)?.context;
  const does: Readonly<Record<Work, () => void>> = {
    stop: () => run('stop', () => actions.start(id, { stopFirst: ticked })),
    context: () => shorter !== undefined && lower(shorter),
    less: () => run('less', () => actions.start(id, { safeMode: true })),
    anyway: () => run('anyway', () => actions.start(id, { force: true })),
  };
  const fixes = waysToStart(report, room).map(({ work, label, reason }) => ({
    ...{ label, onSelect: does[work], plain: work === 'anyway', busy: busy === work },
    reason: reason ?? (busy !== undefined && busy !== work && 'Starting…'),
  }));
  // After a later refusal some of the other servers may have been stopped already.
  const isUntouched = isRefusal && problem === undefined;
  const nothing = isUntouched ? ' No servers were started or stopped.' : '';
  return (
    <div>
      <ErrorBlock
        tone="warning"
        className="mb-5"
        sentence={doesNotFit(profile.name, report)}
        detail={`${shortText(report.shortBytes)}.${nothing}`}
        actions={<FixButtons fixes={fixes} />}
      />
      <SumBars report={report} rows={sumRows(report, room, lessOf(report))} />
      {report.stoppable.length > 0 && (
        <StopList report={report} room={room} busy={busy !== undefined} onTick={tick} />
      )}
      {report.contexts.length > 1 && (
        <ContextTable report={report} busy={busy !== undefined} onUse={lower} />
      )}
    </div>
  );
}
