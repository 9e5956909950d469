import { Box, Plus, RefreshCw } from 'lucide-react';
import { useState } from 'react';
import { Button, IconButton } from '../../components/Button';
import { EmptyState } from '../../components/EmptyState';
import { ErrorBlock, errorSentence } from '../../components/ErrorBlock';
import { formatCount, formatDisk } from '../../components/format';
import { Pane } from '../../components/Pane';
import { SearchField } from '../../components/SearchField';
import { Segmented } from '../../components/Segmented';
import { useMedia } from '../../components/use-media';
import { useIsLocal } from '../../live/use-live';
import { useAsk, useTell } from '../../queries/use-ask';
import { PaletteButton } from '../frame/PaletteButton';
import { FolderDialog } from './FolderDialog';
import { ModelDetail } from './ModelDetail';
import { ModelTable } from './ModelTable';
import { matchesModel, type ModelFilter } from './model-text';

/** Why a control for paths does nothing in a browser. */
export const LOCAL_ONLY = 'Only in the desktop app and on the command line';

/** What is on disk: every model with its size, its state and who uses it. */
export function ModelsScreen() {
  const models = useAsk('models.list', {});
  const rescan = useTell('models.rescan');
  const isLocal = useIsLocal();
  const wide = useMedia('(width >= 1200px)');
  const [search, setSearch] = useState('');
  const [filter, setFilter] = useState<ModelFilter>('all');
  const [chosen, setChosen] = useState<string>();
  const [adding, setAdding] = useState(false);
  const all = models.data ?? [];
  const shown = all.filter((model) => matchesModel(model, filter, search));
  const selected = shown.find((model) => model.ref === chosen) ?? (wide ? shown[0] : undefined);
  const count = (kind: ModelFilter): number => all.filter((m) => matchesModel(m, kind, '')).length;
  const bytes = all.reduce((sum, model) => sum + model.sizeBytes, 0);
  const label = (text: string, kind: ModelFilter) => ({
    value: kind,
    label: `${text} ${count(kind)}`,
  });
  return (
    <>
      <Pane
        label="Models"
        className="flex-1"
        toolbar={{
          title: 'Models',
          subtitle: models.data
            ? `${formatCount(all.length, 'model')}, ${formatDisk(bytes)} on disk`
            : 'Looking',
          children: (
            <>
              <IconButton
                label="Scan again"
                reason={rescan.isPending && 'Scanning'}
                onClick={() => rescan.mutate({})}
              >
                <RefreshCw size={16} />
              </IconButton>
              <Button
                icon={<Plus size={14} />}
                reason={isLocal ? undefined : LOCAL_ONLY}
                onClick={() => setAdding(true)}
              >
                Add folder…
              </Button>
              <SearchField
                value={search}
                onChange={setSearch}
                label="Search models"
                viewSearch
                collapses
              />
              {!selected && <PaletteButton />}
            </>
          ),
        }}
      >
        <div className="px-5 pb-2">
          <Segmented
            small
            aria-label="Which models"
            value={filter}
            onChange={setFilter}
            options={[
              label('All', 'all'),
              label('Complete', 'complete'),
              label('Incomplete', 'incomplete'),
              label('Unused', 'unused'),
            ]}
          />
        </div>
        {models.error && <ErrorBlock className="m-5" sentence={errorSentence(models.error)} />}
        {rescan.error && <ErrorBlock className="m-5" sentence={errorSentence(rescan.error)} />}
        {shown.length > 0 && (
          <ModelTable models={shown} selected={selected?.ref} onSelect={setChosen} />
        )}
        {models.data && shown.length === 0 && (
          <EmptyState icon={<Box size={32} strokeWidth={1.5} />} title="No model matches">
            Change the search or the filter to see the {formatCount(all.length, 'model')} on disk.
          </EmptyState>
        )}
      </Pane>
      {selected && (
        <Pane
          label={`Model ${selected.name}`}
          className="w-[380px] shrink-0 border-l border-sep bg-bg-list"
          toolbar={{
            children: (
              <>
                {!wide && (
                  <Button size="small" onClick={() => setChosen(undefined)}>
                    Close
                  </Button>
                )}
                <PaletteButton />
              </>
            ),
          }}
        >
          <ModelDetail model={selected} />
        </Pane>
      )}
      <FolderDialog open={adding} onOpenChange={setAdding} />
    </>
  );
}
