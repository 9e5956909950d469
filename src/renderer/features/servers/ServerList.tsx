import { Plus } from 'lucide-react';
import { type KeyboardEvent, useEffect } from 'react';
import { useClient } from '../../api/api-context';
import { Button, IconButton } from '../../components/Button';
import { formatCount } from '../../components/format';
import { Pane } from '../../components/Pane';
import { isDesktop, isMac, shortcutLabel } from '../../components/platform';
import { useLive } from '../../live/use-live';
import type { ProfileDraft } from '../profile-form/draft';
import { toErrorBody, useProblemStore } from './problems';
import { DraftRow, ServerRow } from './ServerRow';

/** The profile ids with one moved by `step`; undefined when it is at the end already. */
export function movedIds(
  ids: readonly string[],
  id: string,
  step: -1 | 1,
): readonly string[] | undefined {
  const from = ids.indexOf(id);
  const to = from + step;
  if (from < 0 || to < 0 || to >= ids.length) return undefined;
  const rest = ids.filter((candidate) => candidate !== id);
  return [...rest.slice(0, to), id, ...rest.slice(to)];
}

/** Moves a profile up or down in everyone's list. */
export function useMoveProfile(): (profileId: string, step: -1 | 1) => void {
  const client = useClient();
  const problems = useProblemStore();
  const ids = useLive((data) => data.profiles.map((profile) => profile.id));
  return (profileId, step) => {
    const profileIds = movedIds(ids, profileId, step);
    if (!profileIds) return;
    client.call('profiles.reorder', { profileIds: [...profileIds] }).catch((error: unknown) => {
      problems.setState({ [profileId]: toErrorBody(error) });
    });
  };
}

function focusRow(id: string | undefined): void {
  const rows = document.querySelectorAll<HTMLElement>('[data-row]');
  [...rows].find((row) => row.dataset.row === id)?.focus();
}

interface ServerListProps {
  readonly selectedId: string | undefined;
  readonly search: string;
  readonly draft: ProfileDraft | undefined;
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

/** The instrument: one row per profile, in the person's order. */
export function ServerList(props: ServerListProps) {
  const { selectedId, search, draft, onSelect, onNew, onClearSearch } = props;
  const move = useMoveProfile();
  const subtitle = useSubtitle();
  const isDraft = draft !== undefined;
  useEffect(() => {
    if (isDraft) document.querySelector('[data-row=new]')?.scrollIntoView({ block: 'nearest' });
  }, [isDraft]);
  const needle = search.trim().toLowerCase();
  const profiles = useLive((data) => data.profiles).filter((profile) =>
    `${profile.name}\n${profile.model}\n${profile.port}`.toLowerCase().includes(needle),
  );
  const ids = profiles.map((profile) => profile.id);

  const handleKey = (id: string) => (event: KeyboardEvent) => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : undefined;
    if (step === undefined) return;
    event.preventDefault();
    if (event.altKey) return move(id, step);
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
      <ul aria-label="Profiles" className="pt-0.5 pb-4">
        {profiles.map((profile) => (
          <ServerRow
            key={profile.id}
            profile={profile}
            selected={!draft && profile.id === selectedId}
            onSelect={() => onSelect(profile.id)}
            onKeyDown={handleKey(profile.id)}
          />
        ))}
        {draft && (
          <DraftRow
            name={draft.name}
            model={draft.model}
            engine={draft.engine}
            onSelect={() => {}}
          />
        )}
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
