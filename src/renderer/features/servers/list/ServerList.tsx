import { Plus } from 'lucide-react';
import { type KeyboardEvent, useEffect } from 'react';

import { Button, IconButton } from '@renderer/components/Button';
import { Pane } from '@renderer/components/Pane';
import { isDesktop, isMac, shortcutLabel } from '@renderer/components/platform';
import { useReorder } from '@renderer/domain/servers/use-reorder';
import type { ProfileDraft } from '@renderer/features/servers/form/draft';
import { useLive } from '@renderer/live/use-live';
import { formatCount } from '@shared/format/counts';
import { DraftRow, ServerRow } from './ServerRow';
import { useRowDrag } from './use-row-drag';

function focusRow(id: string | undefined): void {
  const rows = document.querySelectorAll<HTMLElement>('[data-row]');
  [...rows].find((row) => row.dataset.row === id)?.focus();
}

interface ServerListProps {
  readonly selectedId: string | undefined;
  readonly search: string;
  /** A new profile that is not created yet. */
  readonly draft: ProfileDraft | undefined;
  readonly draftSelected: boolean;
  readonly onSelect: (profileId: string) => void;
  readonly onNew: () => void;
  readonly onClearSearch: () => void;
}

function useSubtitle(): string {
  return useLive((data) => {
    const ready = Object.values(data.servers).filter((server) => server.state === 'ready').length;
    return `${formatCount(data.profiles.length, 'profile')}, ${ready} ready`;
  });
}

/** One row per profile, in the person's order. */
export function ServerList(props: ServerListProps) {
  const { selectedId, search, draft, draftSelected, onSelect, onNew, onClearSearch } = props;
  const { move, place } = useReorder();
  const subtitle = useSubtitle();
  const isDraft = draft !== undefined && draftSelected;
  useEffect(() => {
    if (isDraft) document.querySelector('[data-row=new]')?.scrollIntoView({ block: 'nearest' });
  }, [isDraft]);
  const needle = search.trim().toLowerCase();
  const profiles = useLive((data) => data.profiles).filter((profile) =>
    `${profile.name}\n${profile.model}\n${profile.port}`.toLowerCase().includes(needle),
  );
  const ids = profiles.map((profile) => profile.id);
  const dragOf = useRowDrag(ids, (id, index) => place(id, index, ids));

  const handleKey = (id: string) => (event: KeyboardEvent) => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : undefined;
    if (step === undefined) return;
    event.preventDefault();
    if (event.altKey) return void move(id, step);
    const next = ids[ids.indexOf(id) + step];
    if (next === undefined) return;
    onSelect(next);
    focusRow(next);
  };

  return (
    <Pane
      label="Profiles"
      className="w-[420px] shrink-0 border-r border-sep bg-bg-list medium:w-[360px] narrow:w-[312px]"
      toolbar={{
        title: 'Servers',
        subtitle,
        className: 'narrow:px-4',
        children: (
          <IconButton
            label="New profile"
            shortcut={isDesktop() ? shortcutLabel('N') : isMac() ? '⌥N' : 'Alt+N'}
            onClick={onNew}
          >
            <Plus size={16} strokeWidth={1.5} />
          </IconButton>
        ),
      }}
    >
      <ul aria-label="Profiles" className="relative pt-0.5 pb-4">
        {profiles.map((profile) => (
          <ServerRow
            key={profile.id}
            profile={profile}
            selected={!draftSelected && profile.id === selectedId}
            onSelect={() => onSelect(profile.id)}
            onKeyDown={handleKey(profile.id)}
            drag={dragOf(profile.id)}
          />
        ))}
        {draft && <DraftRow draft={draft} selected={draftSelected} onSelect={onNew} />}
      </ul>
      {profiles.length === 0 && needle && (
        <p className="px-5 text-text-2">
          No profile contains “{search.trim()}”.
          <Button kind="plain" size="small" onClick={onClearSearch}>
            Clear search
          </Button>
        </p>
      )}
    </Pane>
  );
}
