import { Plus } from 'lucide-react';
import { type KeyboardEvent, type ReactNode, useEffect, useRef, useState } from 'react';

import { Button, IconButton } from '@renderer/components/Button';
import { Pane } from '@renderer/components/Pane';
import { isDesktop, isMac, shortcutLabel } from '@renderer/components/platform';
import { useReorder } from '@renderer/domain/servers/use-reorder';
import type { ProfileDraft } from '@renderer/features/servers/form/draft';
import { useLive } from '@renderer/live/use-live';
import { formatCount } from '@shared/format/counts';
import { DraftRow, ServerRow } from './ServerRow';
import { useRowDrag } from './use-row-drag';

/** Where an arrow, Home or End leads from a row. */
function rowFor(key: string, ids: readonly string[], from: string): string | undefined {
  const at = ids.indexOf(from);
  switch (key) {
    case 'ArrowDown':
      return ids[at + 1];
    case 'ArrowUp':
      return ids[at - 1];
    case 'Home':
      return ids[0];
    case 'End':
      return ids.at(-1);
    default:
      return undefined;
  }
}

/** Puts the focus on the row of a profile. */
export function focusRow(id: string | undefined): void {
  const rows = document.querySelectorAll<HTMLElement>('[data-row]');
  [...rows].find((row) => row.dataset.row === id)?.focus();
}

interface ServerListProps {
  readonly selectedId: string | undefined;
  readonly search: string;
  /** A new profile that is not created yet. */
  readonly draft: ProfileDraft | undefined;
  readonly draftSelected: boolean;
  /** Tools of the screen that stand here, where the list has the window for itself. */
  readonly tools: ReactNode;
  /** The arrows came to it. */
  readonly onSelect: (profileId: string) => void;
  /** Clicked: its detail is wanted. */
  readonly onOpen: (profileId: string) => void;
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
  const { selectedId, search, draft, draftSelected, onSelect, onOpen, onNew, onClearSearch } =
    props;
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

  const handleKey = (id: string, event: KeyboardEvent): void => {
    if (event.altKey && (event.key === 'ArrowDown' || event.key === 'ArrowUp')) {
      event.preventDefault();
      return void move(id, event.key === 'ArrowDown' ? 1 : -1);
    }
    const next = rowFor(event.key, ids, id);
    if (next === undefined) return;
    event.preventDefault();
    onSelect(next);
    focusRow(next);
  };
  // Rows keep the functions that they were given first: they are not drawn again because the list is.
  const newest = useRef({ onOpen, handleKey });
  newest.current = { onOpen, handleKey };
  const [open] = useState(() => (id: string) => newest.current.onOpen(id));
  const [press] = useState(
    () => (id: string, event: KeyboardEvent) => newest.current.handleKey(id, event),
  );
  const stop = ids.includes(selectedId ?? '') && !draftSelected ? selectedId : ids[0];

  return (
    <Pane
      label="Profiles"
      className="w-[420px] shrink-0 border-r border-sep bg-bg-list medium:w-[360px] narrow:w-[312px] tiny:w-auto tiny:flex-1 tiny:border-r-0"
      toolbar={{
        title: 'Servers',
        subtitle,
        className: 'narrow:px-4',
        children: (
          <>
            <IconButton
              label="New profile"
              shortcut={isDesktop() ? shortcutLabel('N') : isMac() ? '⌥N' : 'Alt+N'}
              onClick={onNew}
            >
              <Plus size={16} strokeWidth={1.5} />
            </IconButton>
            {props.tools}
          </>
        ),
      }}
    >
      <ul aria-label="Profiles" className="relative pt-0.5 pb-4">
        {profiles.map((profile) => (
          <ServerRow
            key={profile.id}
            profile={profile}
            selected={!draftSelected && profile.id === selectedId}
            tabStop={profile.id === stop}
            onSelect={open}
            onKeyDown={press}
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
