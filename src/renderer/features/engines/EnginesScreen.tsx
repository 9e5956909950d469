import { Cpu } from 'lucide-react';
import { useState } from 'react';

import { Button } from '@renderer/components/Button';
import { EmptyState } from '@renderer/components/EmptyState';
import { ErrorBlock, errorSentence } from '@renderer/components/ErrorBlock';
import { PaletteButton } from '@renderer/components/PaletteButton';
import { Pane } from '@renderer/components/Pane';
import { SearchField } from '@renderer/components/SearchField';
import { useLive } from '@renderer/live/use-live';
import { useRpcQuery } from '@renderer/queries/use-rpc';
import { useGo, useRoute } from '@renderer/routing/route';
import { formatDisk } from '@shared/format/bytes';
import { formatCount } from '@shared/format/counts';
import { EngineDetail } from './EngineDetail';
import { EngineList } from './EngineList';
import { engineEntries, titleIn } from './engine-look';

/** Inference engines: which are installed, which version is in use, and what is under way. */
export function EnginesScreen() {
  const available = useRpcQuery('engines.available', { quick: true });
  const installations = useLive((data) => data.installations);
  const [search, setSearch] = useState('');
  const go = useGo();
  const route = useRoute();
  const entries = engineEntries(available.data);
  const needle = search.trim().toLowerCase();
  const found = entries.filter(({ id, title }) => `${id}\n${title}`.toLowerCase().includes(needle));
  const [wanted] = route.path;
  const isUnknown = wanted !== undefined && !entries.some(({ id }) => id === wanted);
  const selected = isUnknown
    ? undefined
    : (found.find(({ id }) => id === wanted) ?? found[0] ?? entries[0]);
  const titleOf = (engine: string): string => titleIn(entries, engine);
  const bytes = installations.reduce((sum, one) => sum + one.sizeBytes, 0);
  const subtitle = [
    formatCount(installations.length, 'installation'),
    ...(bytes === 0 ? [] : [`${formatDisk(bytes)} on disk`]),
  ].join(', ');
  return (
    <>
      <Pane
        label="Engines"
        className="w-[420px] shrink-0 border-r border-sep bg-bg-list medium:w-[360px] narrow:w-[312px] tiny:w-[40%]"
        toolbar={{ title: 'Engines', subtitle }}
      >
        <EngineList
          entries={found}
          selected={selected?.id}
          onSelect={(engine) => go('engines', [engine])}
          titleOf={titleOf}
        />
        {found.length === 0 && (
          <p role="status" className="px-5 py-2 text-small text-text-2">
            {`No results for “${search.trim()}”`}
          </p>
        )}
      </Pane>
      <Pane
        label={selected?.title ?? 'Engine'}
        className="flex-1"
        toolbar={{
          children: (
            <>
              <SearchField value={search} onChange={setSearch} label="Search engines" collapses />
              <PaletteButton />
            </>
          ),
        }}
      >
        {available.error && (
          <ErrorBlock className="m-6" sentence={errorSentence(available.error)} />
        )}
        {selected && <EngineDetail key={selected.id} entry={selected} titleOf={titleOf} />}
        {isUnknown && (
          <EmptyState
            icon={<Cpu size={32} strokeWidth={1.5} />}
            title="This engine doesn't exist"
            actions={
              <Button kind="primary" onClick={() => go('engines')}>
                Show the first engine
              </Button>
            }
          >
            The link names an engine that this version of MLX Manager doesn't support.
          </EmptyState>
        )}
      </Pane>
    </>
  );
}
