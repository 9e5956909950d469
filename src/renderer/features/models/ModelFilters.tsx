import { Button } from '@renderer/components/Button';
import { Segmented } from '@renderer/components/Segmented';
import { Select } from '@renderer/components/Select';
import { StateGlyph } from '@renderer/components/StateGlyph';
import { routeHref } from '@renderer/routing/route';
import { folderName } from '@renderer/text/model-text';
import type { Model, ModelFolder } from '@shared/domain/model';
import { formatDisk } from '@shared/format/bytes';
import { formatCount } from '@shared/format/counts';
import { CACHE, duplicatesOf, isOf, MODEL_FILTERS, type ModelFilter } from './library';

const FILTER_LABELS: Readonly<Record<ModelFilter, string>> = {
  all: 'All',
  complete: 'Complete',
  incomplete: 'Incomplete',
  unused: 'Unused',
};

const STATES: Readonly<Record<ModelFolder['state'], string>> = {
  ok: '',
  missing: ' (not there)',
  unreadable: ' (not readable)',
};

/** Any folder; the cache is named, not spelled. */
const ANY = '';

interface ModelFiltersProps {
  readonly models: readonly Model[];
  readonly folders: readonly ModelFolder[];
  readonly filter: ModelFilter;
  readonly onFilter: (filter: ModelFilter) => void;
  readonly folder: string | undefined;
  readonly onFolder: (folder: string | undefined) => void;
  readonly copies: boolean;
  readonly onCopies: (copies: boolean) => void;
}

/** Which models are shown, what is there twice, and folders that can't be read. */
export function ModelFilters(props: ModelFiltersProps) {
  const { models, folders, filter, onFilter, folder, onFolder } = props;
  return (
    <div className="flex flex-wrap items-center gap-x-3.5 gap-y-1.5 px-5 pt-1 pb-2">
      <Segmented
        small
        aria-label="Which models"
        value={filter}
        onChange={onFilter}
        options={MODEL_FILTERS.map((value) => ({
          value,
          label: (
            <>
              {FILTER_LABELS[value]}
              <span className="ml-1.5 text-text-2 tabular-nums">
                {models.filter((model) => isOf(model, value)).length}
              </span>
            </>
          ),
        }))}
      />
      <Select
        aria-label="Folder"
        width="max-w-36"
        value={folder ?? ANY}
        onChange={(value) => onFolder(value === ANY ? undefined : value)}
        options={[
          { value: ANY, label: 'Any folder' },
          ...folders.map((one) => ({
            value: one.origin === 'huggingface' ? CACHE : one.path,
            label: `${folderName(one)}${STATES[one.state]}`,
          })),
        ]}
      />
      <DuplicatesLine {...props} />
      <AwayFolders folders={folders} />
    </div>
  );
}

function DuplicatesLine({ models, copies: shown, onCopies }: ModelFiltersProps) {
  const { copies, groups, bytes } = duplicatesOf(models);
  if (groups === 0 && !shown) return null;
  const sentence =
    groups === 1
      ? `${copies} copies of the same weights, ${formatDisk(bytes)}`
      : `${formatCount(groups, 'model')} more than once, ${formatDisk(bytes)}`;
  return (
    <span className="flex items-center gap-1 text-small text-text-2">
      {sentence}
      <Button kind="plain" size="small" onClick={() => onCopies(!shown)}>
        {shown ? 'Show all' : 'Show'}
      </Button>
    </span>
  );
}

/** Folders of the list that are not there or closed; they are taken off it in the settings. */
function AwayFolders({ folders }: { readonly folders: readonly ModelFolder[] }) {
  const away = folders.filter(({ state, origin }) => state !== 'ok' && origin !== 'huggingface');
  const [first] = away;
  if (!first) return null;
  const problem = first.state === 'missing' ? 'not there' : 'not readable';
  return (
    <span className="flex min-w-0 items-center gap-1.5 text-small text-text-2">
      <StateGlyph glyph="no" size={13} />
      <span className="truncate" title={away.map(({ path }) => path).join('\n')}>
        {away.length === 1
          ? `${folderName(first)} is ${problem}`
          : `${formatCount(away.length, 'folder')} can't be read`}
      </span>
      <a
        className="shrink-0 text-accent-text"
        href={routeHref('settings', [], { field: 'modelFolders' })}
      >
        Folders
      </a>
    </span>
  );
}
