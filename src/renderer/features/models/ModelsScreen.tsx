import { Box, Plus, RefreshCw } from 'lucide-react';
import { useRef, useState } from 'react';
import { Button, IconButton } from '../../components/Button';
import { EmptyState } from '../../components/EmptyState';
import { ErrorBlock, errorSentence } from '../../components/ErrorBlock';
import { formatCount, formatDisk } from '../../components/format';
import { Inspector, useInspector } from '../../components/Inspector';
import { InspectorToggle } from '../../components/InspectorToggle';
import { LOCAL_ONLY } from '../../components/local-only';
import { Pane } from '../../components/Pane';
import { SearchField } from '../../components/SearchField';
import { Segmented } from '../../components/Segmented';
import { useIsLocal } from '../../live/use-live';
import { useAsk, useTell } from '../../queries/use-ask';
import { PaletteButton } from '../frame/PaletteButton';
import { FolderDialog } from './FolderDialog';
import { ModelDetail } from './ModelDetail';
import { ModelTable } from './ModelTable';
import { matchesModel, type ModelFilter } from './model-text';

/** What is on disk: every model with its size, its state and who uses it. */
export function ModelsScreen() {
  const models = useAsk('models.list', {});
  const rescan = useTell('models.rescan');
  const isLocal = useIsLocal();
  const [search, setSearch] = useState('');
  const [filter, setFilter] = useState<ModelFilter>('all');
  const [chosen, setChosen] = useState<string>();
  const inspector = useInspector();
  const [adding, setAdding] = useState(false);
  const table = useRef<HTMLDivElement>(null);
  const all = models.data ?? [];
  const shown = all.filter((model) => matchesModel(model, filter, search));
  const selected = shown.find((model) => model.ref === chosen) ?? shown[0];
  const { place, setOpen } = inspector;
  const open = selected !== undefined && inspector.open;
  /** Closed from within: what had the focus goes with it, and the table is where the person was. */
  const leave = (): void => {
    setOpen(false);
    table.current?.focus();
  };
  const nothing = selected ? undefined : 'No model is chosen';
  const count = (kind: ModelFilter): number => all.filter((m) => matchesModel(m, kind, '')).length;
  const bytes = all.reduce((sum, model) => sum + model.sizeBytes, 0);
  const label = (text: string, kind: ModelFilter) => ({
    value: kind,
    label: `${text} ${count(kind)}`,
  });
  return (
    <div className="relative flex min-w-0 flex-1">
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
              {!(open && place === 'column') && (
                <>
                  <InspectorToggle open={open} onChange={setOpen} reason={nothing} />
                  <PaletteButton />
                </>
              )}
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
          <ModelTable
            ref={table}
            models={shown}
            selected={selected?.ref}
            onSelect={setChosen}
            onOpen={(ref) => {
              setChosen(ref);
              setOpen(true);
            }}
            onClose={() => open && place === 'overlay' && setOpen(false)}
          />
        )}
        {models.data && shown.length === 0 && (
          <EmptyState icon={<Box size={32} strokeWidth={1.5} />} title="No model matches">
            Change the search or the filter to see the {formatCount(all.length, 'model')} on disk.
          </EmptyState>
        )}
      </Pane>
      {open && (
        <Inspector
          label={`Model ${selected.name}`}
          place={place}
          onClose={leave}
          toolbar={
            <>
              <PaletteButton />
              <InspectorToggle open onChange={leave} reason={undefined} />
            </>
          }
        >
          <ModelDetail model={selected} />
        </Inspector>
      )}
      <FolderDialog open={adding} onOpenChange={setAdding} />
    </div>
  );
}
