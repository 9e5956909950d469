import { Plus, RefreshCw } from 'lucide-react';
import { useMemo, useRef, useState } from 'react';

import { Button, IconButton } from '@renderer/components/Button';
import { ErrorBlock, errorSentence } from '@renderer/components/ErrorBlock';
import { Inspector, useInspector } from '@renderer/components/Inspector';
import { InspectorToggle } from '@renderer/components/InspectorToggle';
import { PaletteButton } from '@renderer/components/PaletteButton';
import { Pane } from '@renderer/components/Pane';
import { SearchField } from '@renderer/components/SearchField';
import { HubPageLink } from '@renderer/domain/hub/HubPageLink';
import { bulkActions } from '@renderer/domain/models/bulk';
import { useDeleteModel } from '@renderer/domain/models/DeletionHost';
import { FolderDialog } from '@renderer/domain/models/FolderDialog';
import { deleteReason } from '@renderer/domain/models/model-rules';
import { useBulk } from '@renderer/domain/models/use-bulk';
import { inUseOf, useActivity } from '@renderer/domain/models/use-in-use';
import { useIsLocal } from '@renderer/live/use-live';
import { useRpcQuery, useRpcCommand } from '@renderer/queries/use-rpc';
import { navigate, type Route, routeHref, useRouteRun } from '@renderer/routing/route';
import { LOCAL_ONLY } from '@renderer/text/local-only';
import { shortName } from '@renderer/text/model-text';
import type { Model, ModelFolder } from '@shared/domain/model';
import { formatDisk } from '@shared/format/bytes';
import { formatCount } from '@shared/format/counts';
import { bytesOnDisk, isShown, MODEL_FILTERS, sortModels } from './library';
import { ModelAnnouncer } from './ModelAnnouncer';
import { ModelDetail } from './ModelDetail';
import { ModelFilters } from './ModelFilters';
import { ModelTable } from './ModelTable';
import { NoModels, NothingFound } from './NoModels';
import { SelectionDetail } from './SelectionDetail';
import { UnknownModel } from './UnknownModel';
import { useModelMenu } from './use-model-menu';
import { useSelection } from './use-selection';
import { useSort } from './use-sort';

/** `12 models, 86.7 GB on disk, 214 GB free`. */
function subtitleOf(models: readonly Model[], folders: readonly ModelFolder[]): string {
  const free = folders.find(({ origin }) => origin === 'huggingface')?.freeBytes;
  const parts = [
    formatCount(models.length, 'model'),
    `${formatDisk(bytesOnDisk(models))} on disk`,
    ...(free === undefined ? [] : [`${formatDisk(free)} free`]),
  ];
  return parts.join(', ');
}

/** `3 of 12 models selected, 12.4 GB`. */
function selectedText(selected: readonly Model[], all: readonly Model[]): string {
  const count = `${selected.length} of ${formatCount(all.length, 'model')} selected`;
  return `${count}, ${formatDisk(bytesOnDisk(selected))}`;
}

/** What is on disk: every model with its size, its state and who uses it. */
export function ModelsScreen({ route }: { readonly route: Route }) {
  const models = useRpcQuery('models.list', {});
  const folders = useRpcQuery('models.folders', {}).data ?? [];
  const rescan = useRpcCommand('models.rescan');
  const isLocal = useIsLocal();
  const activity = useActivity();
  const remove = useDeleteModel();
  const [search, setSearch] = useState('');
  const [folder, setFolder] = useState<string>();
  const [copies, setCopies] = useState(false);
  const [sort, chooseSort] = useSort();
  const [adding, setAdding] = useState(false);
  useRouteRun('add-folder', () => setAdding(true));
  const inspector = useInspector();
  const table = useRef<HTMLElement>(null);
  const [chosen] = route.path;
  const filter = MODEL_FILTERS.find((one) => one === route.query.show) ?? 'all';
  const all = useMemo(() => models.data ?? [], [models.data]);
  const { running } = activity;
  const shown = useMemo(() => {
    const isRunning = ({ usedBy }: Model): boolean => usedBy.some((name) => running.has(name));
    const found = all.filter((model) => isShown(model, { filter, folder, copies, search }));
    return sortModels(found, sort, isRunning);
  }, [all, filter, folder, copies, search, sort, running]);
  const go = (ref: string | undefined, show: string): void => {
    const query = show === 'all' ? {} : { show };
    navigate(routeHref('models', ref === undefined ? [] : [ref], query), { replace: true });
  };
  const chosenModels = useSelection({
    all: models.data,
    shown,
    chosen,
    onLead: (ref) => go(ref, filter),
  });
  const { selection, lead: selected, unknown } = chosenModels;
  const isMany = selection.ids.length > 1;
  const many = useMemo(
    () => chosenModels.models.map((model) => ({ model, use: inUseOf(model, activity) })),
    [chosenModels.models, activity],
  );
  const actions = useMemo(() => (isMany ? bulkActions(many) : []), [isMany, many]);
  const bulk = useBulk();
  const menus = useModelMenu(activity, {
    models: chosenModels.models,
    actions,
    onAction: bulk.run,
  });
  const isKnown = models.data !== undefined;

  const { place, setOpen } = inspector;
  const open = selected !== undefined && inspector.open;
  /** Closed from within: what had the focus goes with it, and the table is where the person was. */
  const leave = (): void => {
    setOpen(false);
    table.current?.focus();
  };
  const deleteChosen = (): void => {
    const action = actions.find(({ verb }) => verb === 'delete');
    const kept = selected && deleteReason(selected, inUseOf(selected, activity));
    // Why it cannot be done stands in the details.
    if (action ? action.reason : kept) setOpen(true);
    else if (action) bulk.run(action);
    else if (selected) remove(selected);
  };
  const hasOwn = all.some(({ origin }) => origin !== 'built-in');
  return (
    <div className="relative flex min-w-0 flex-1">
      <Pane
        label="Models"
        className="flex-1"
        fixed
        bodyClassName="flex flex-col"
        toolbar={{
          title: 'Models',
          subtitle: models.data
            ? isMany
              ? selectedText(chosenModels.models, all)
              : subtitleOf(all, folders)
            : 'Looking',
          children: (
            <>
              <IconButton
                writes
                label="Scan again"
                reason={rescan.isPending && 'Scanning'}
                onClick={() => rescan.mutate({})}
              >
                <RefreshCw size={16} strokeWidth={1.5} />
              </IconButton>
              <Button
                writes
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
                width="w-[220px] medium:w-[160px]"
                viewSearch
                collapses
              />
              {!(open && place === 'column') && (
                <>
                  <InspectorToggle
                    open={open}
                    onChange={setOpen}
                    reason={selected ? undefined : 'No model selected'}
                  />
                  <PaletteButton />
                </>
              )}
            </>
          ),
        }}
      >
        <ModelFilters
          models={all}
          folders={folders}
          filter={filter}
          onFilter={(next) => go(selection.lead, next)}
          folder={folder}
          onFolder={setFolder}
          copies={copies}
          onCopies={setCopies}
        />
        {models.error && <ErrorBlock className="m-5" sentence={errorSentence(models.error)} />}
        {rescan.error && <ErrorBlock className="m-5" sentence={errorSentence(rescan.error)} />}
        {unknown !== undefined && isKnown && (
          <UnknownModel reference={unknown} onShowAll={() => go(undefined, filter)} />
        )}
        {menus.problem && <ErrorBlock className="m-5" sentence={menus.problem} />}
        {shown.length > 0 && (
          <ModelTable
            ref={table}
            models={shown}
            activity={activity}
            sort={sort}
            onSort={chooseSort}
            selection={selection}
            fills={hasOwn}
            onSelect={chosenModels.select}
            onSelectAll={chosenModels.selectAll}
            onOpen={() => setOpen(true)}
            onDelete={deleteChosen}
            menuOf={menus.menuOf}
            onEscape={() => {
              if (isMany) chosenModels.selectOne();
              else if (open && place === 'overlay') setOpen(false);
            }}
          />
        )}
        {isKnown && !hasOwn && <NoModels onAdd={() => setAdding(true)} />}
        {isKnown && hasOwn && shown.length === 0 && (
          <NothingFound
            count={all.length}
            onClear={() => {
              setSearch('');
              setFolder(undefined);
              setCopies(false);
              go(selection.lead, 'all');
            }}
          />
        )}
      </Pane>
      {open && (
        <Inspector
          label={isMany ? 'Selected models' : `Model ${shortName(selected)}`}
          place={place}
          onClose={leave}
          toolbar={
            <>
              {!isMany && selected.hubRef !== undefined && (
                <HubPageLink hubRef={selected.hubRef} name={shortName(selected)} />
              )}
              <PaletteButton />
              <InspectorToggle open onChange={leave} reason={undefined} />
            </>
          }
        >
          {isMany ? (
            <SelectionDetail
              selected={many}
              actions={actions}
              busy={bulk.busy}
              problem={bulk.problem}
              onAction={bulk.run}
            />
          ) : (
            <ModelDetail key={selected.ref} model={selected} all={all} activity={activity} />
          )}
        </Inspector>
      )}
      <p role="status" className="sr-only">
        {isMany && selectedText(chosenModels.models, all)}
      </p>
      <ModelAnnouncer models={models.data} jobs={activity.jobs} />
      <FolderDialog open={adding} onOpenChange={setAdding} />
    </div>
  );
}
