import { Cpu } from 'lucide-react';

import { Button } from '@renderer/components/Button';
import { classNames } from '@renderer/components/class-names';
import { EmptyState } from '@renderer/components/EmptyState';
import { ErrorBlock, errorSentence } from '@renderer/components/ErrorBlock';
import { PaletteButton } from '@renderer/components/PaletteButton';
import { Pane } from '@renderer/components/Pane';
import { type Glyph, StateGlyph } from '@renderer/components/StateGlyph';
import { useMedia } from '@renderer/components/use-media';
import { useLive } from '@renderer/live/use-live';
import { useRpcQuery } from '@renderer/queries/use-rpc';
import { useGo, useRoute } from '@renderer/routing/route';
import { jobOf, jobTitle } from '@renderer/text/engine-job-text';
import type { AvailableEngine } from '@shared/domain/engine';
import { formatDisk } from '@shared/format/bytes';
import { formatCount } from '@shared/format/counts';
import { EngineDetail } from './EngineDetail';

/** Inference engines: which are installed, which version is in use, and what is under way. */
export function EnginesScreen() {
  const available = useRpcQuery('engines.available', { quick: true });
  const installations = useLive((data) => data.installations);
  const narrow = useMedia('(width < 1000px)');
  const go = useGo();
  const route = useRoute();
  const engines = available.data ?? [];
  const [wanted] = route.path;
  const selected = wanted === undefined ? engines[0] : engines.find((one) => one.engine === wanted);
  const isUnknown = available.data !== undefined && engines.length > 0 && !selected;
  const bytes = installations.reduce((sum, one) => sum + one.sizeBytes, 0);
  const subtitle = `${formatCount(installations.length, 'installation')}, ${formatDisk(bytes)}`;
  return (
    <>
      <Pane
        label="Engines"
        className={classNames(
          'shrink-0 border-r border-sep bg-bg-list',
          narrow ? 'w-[312px]' : 'w-[420px]',
        )}
        toolbar={{ title: 'Engines', subtitle }}
      >
        <ul className="p-2" aria-label="Engines">
          {engines.map((engine) => (
            <EngineRow
              key={engine.engine}
              engine={engine}
              selected={engine === selected}
              onSelect={() => go('engines', [engine.engine])}
            />
          ))}
        </ul>
      </Pane>
      <Pane
        label={selected?.title ?? 'Engine'}
        className="flex-1"
        toolbar={{ children: <PaletteButton /> }}
      >
        {available.error && (
          <ErrorBlock className="m-6" sentence={errorSentence(available.error)} />
        )}
        {selected && <EngineDetail engine={selected} />}
        {isUnknown && (
          <EmptyState
            icon={<Cpu size={32} strokeWidth={1.5} />}
            title="This engine does not exist"
            actions={
              <Button kind="primary" onClick={() => go('engines')}>
                Show the first engine
              </Button>
            }
          >
            The link names an engine that this version of MLX Manager doesn't support.
          </EmptyState>
        )}
        {!selected && !isUnknown && !available.error && (
          <EmptyState icon={<Cpu size={32} strokeWidth={1.5} />} title="Looking for engines">
            Checking for engines…
          </EmptyState>
        )}
      </Pane>
    </>
  );
}

interface EngineRowProps {
  readonly engine: AvailableEngine;
  readonly selected: boolean;
  readonly onSelect: () => void;
}

function EngineRow({ engine, selected, onSelect }: EngineRowProps) {
  const inUse = useLive((data) =>
    data.installations.find((one) => one.engine === engine.engine && one.inUse),
  );
  const profiles = useLive(
    (data) => data.profiles.filter((p) => p.engine === engine.engine).length,
  );
  const job = jobOf(
    useLive((data) => Object.values(data.engineJobs)),
    engine.engine,
  );
  const running = job?.state === 'running' ? job : undefined;
  const newest = engine.version === null || inUse?.version === engine.version;
  const glyph: Glyph = running ? 'loading' : inUse ? 'ok' : 'stopped';
  const fact = running
    ? `${jobTitle(running)}: ${running.message}`
    : inUse
      ? engine.version === null
        ? 'Installed'
        : newest
          ? 'Newest version'
          : `${engine.version} is available`
      : `Not installed${engine.version === null ? '' : `, newest is ${engine.version}`}`;
  return (
    <li>
      <button
        type="button"
        aria-current={selected ? 'true' : undefined}
        onClick={onSelect}
        className={classNames(
          'flex h-[60px] w-full items-start gap-[11px] rounded-row px-3 py-2.5 text-left',
          selected && 'bg-accent-tint',
        )}
      >
        <span className="pt-0.5">
          <StateGlyph glyph={glyph} />
        </span>
        <span className="min-w-0 flex-1">
          <span className="flex justify-between gap-2">
            <span className="truncate font-semibold">{engine.title}</span>
            <span className="tabular-nums">{inUse?.version ?? ''}</span>
          </span>
          <span className="flex justify-between gap-2 text-small text-text-2">
            <span className="truncate">{fact}</span>
            <span className="shrink-0">{profiles > 0 ? formatCount(profiles, 'profile') : ''}</span>
          </span>
        </span>
      </button>
    </li>
  );
}
