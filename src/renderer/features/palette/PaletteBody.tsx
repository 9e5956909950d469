import { Search } from 'lucide-react';
import { type KeyboardEvent, useId, useMemo, useState } from 'react';

import { ErrorBlock, errorSentence } from '@renderer/components/ErrorBlock';
import { useReason } from '@renderer/components/refusal';
import { shortcutLabel } from '@renderer/components/platform';
import { inUseOf, useActivity } from '@renderer/domain/models/use-in-use';
import { useSelectedModels } from '@renderer/domain/models/use-selected';
import { useLive } from '@renderer/live/use-live';
import { useRpcQuery } from '@renderer/queries/use-rpc';
import { navigate, useRoute } from '@renderer/routing/route';
import { formatCount, formatNumber } from '@shared/format/counts';
import { paletteActions } from './actions';
import { filterActions, firstOf, groupActions, MOST_SHOWN, openingActions } from './find-actions';
import type { ChosenModel } from './model-actions';
import type { PaletteAction } from './palette-action';
import { PaletteRow } from './PaletteRow';
import { useRun } from './use-run';

/** The search and what it finds. The focus stays in the field; the arrows move the choice. */
export function PaletteBody({ onClose }: { readonly onClose: () => void }) {
  const listId = useId();
  const [text, setText] = useState('');
  const [index, setIndex] = useState(0);
  const [problem, setProblem] = useState<string>();
  const run = useRun();
  const { actions, profileId } = usePaletteActions();
  const found =
    text.trim() === '' ? openingActions(actions, profileId) : filterActions(actions, text);
  const groups = firstOf(groupActions(found), MOST_SHOWN);
  const shown = groups.flatMap((group) => group.actions);
  const current = shown[Math.min(index, shown.length - 1)];
  const choose = (action: PaletteAction | undefined): void => {
    if (!action || action.reason) return;
    // What is refused is said here, where it was asked for; everything else closes at once.
    run(action.id).then(onClose, (error: unknown) => setProblem(errorSentence(error)));
  };
  const show = (href: string | undefined): void => {
    if (!href) return;
    navigate(href);
    onClose();
  };
  const handleKey = (event: KeyboardEvent): void => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step !== 0) setIndex((at) => Math.min(shown.length - 1, Math.max(0, at + step)));
    else if (event.key === 'Escape') onClose();
    else if (event.key !== 'Enter') return;
    else if (event.metaKey || event.ctrlKey) show(current?.show);
    else choose(current);
    event.preventDefault();
  };
  return (
    <>
      <div className="flex h-[52px] shrink-0 items-center gap-2.5 border-b border-sep px-[18px]">
        <Search aria-hidden="true" size={16} strokeWidth={1.5} className="shrink-0 text-text-2" />
        <input
          // biome-ignore lint/a11y/noAutofocus: the palette is opened to type into it
          autoFocus
          role="combobox"
          aria-expanded
          aria-controls={listId}
          aria-activedescendant={current && `${listId}-${current.id}`}
          aria-label="Search actions"
          placeholder="Search actions"
          value={text}
          onChange={(event) => {
            setText(event.target.value);
            setIndex(0);
            setProblem(undefined);
          }}
          onKeyDown={handleKey}
          className="h-full min-w-0 flex-1 bg-transparent text-toolbar outline-none placeholder:text-text-3"
        />
        <span role="status" className="text-small text-text-2">
          {text.trim() && formatCount(found.length, 'result')}
        </span>
      </div>
      {problem && <ErrorBlock className="m-3" sentence={problem} />}
      <div
        id={listId}
        role="listbox"
        aria-label="Actions"
        className="max-h-[352px] min-h-0 overflow-y-auto p-1.5"
      >
        {groups.map((group, place) => (
          // biome-ignore lint/a11y/useSemanticElements: a fieldset is no part of a list box
          <div key={group.title} role="group" aria-labelledby={`${listId}-group-${place}`}>
            <div
              id={`${listId}-group-${place}`}
              className="px-3 pt-2 pb-1 text-caption font-medium text-text-2"
            >
              {group.title}
            </div>
            {group.actions.map((action) => (
              <PaletteRow
                key={action.id}
                id={`${listId}-${action.id}`}
                action={action}
                text={text}
                selected={action === current}
                onChoose={() => choose(action)}
                onPoint={() => setIndex(shown.indexOf(action))}
              />
            ))}
          </div>
        ))}
      </div>
      {found.length > shown.length && (
        <p className="shrink-0 px-[18px] py-1.5 text-small text-text-2">
          {`First ${shown.length} of ${formatNumber(found.length)}. Keep typing to narrow the list.`}
        </p>
      )}
      {shown.length === 0 && <p className="px-5 pb-4 text-text-2">No results for “{text}”</p>}
      <p className="flex h-8 shrink-0 items-center gap-4 border-t border-sep px-[18px] text-caption text-text-2">
        <span>↑↓ choose</span>
        {current && !current.reason && <span>↩ run</span>}
        {current?.show && <span>{shortcutLabel('↩')} show</span>}
        <span className="ml-auto">Esc closes</span>
      </p>
    </>
  );
}

/** Every action as things are now, and the profile in front. */
function usePaletteActions(): { actions: PaletteAction[]; profileId: string | undefined } {
  const route = useRoute();
  const facts = useLive(
    ({ profiles, servers, installations, downloads, gateway, settings, desktop, scopes }) => ({
      profiles,
      servers,
      installations,
      downloads,
      gateway,
      appearance: settings.appearance,
      isDesktop: desktop !== null,
      isLocal: scopes.includes('local'),
    }),
  );
  const current = facts.profiles.find(({ id }) => id === route.path[0]) ?? facts.profiles[0];
  const refusal = useReason(true) || undefined;
  const models = useModels();
  const chosen =
    route.screen === 'models' ? models.find(({ model }) => model.ref === route.path[0]) : undefined;
  const selected = useSelectedModels();
  const profileId = current?.id;
  const actions = useMemo(
    () => paletteActions({ ...facts, current: profileId, chosen, selected, models, refusal }),
    [facts, profileId, chosen, selected, models, refusal],
  );
  return { actions, profileId };
}

/** The models that are there, and what is going on with them. */
function useModels(): readonly ChosenModel[] {
  const models = useRpcQuery('models.list', {});
  const activity = useActivity();
  return useMemo(
    () => (models.data ?? []).map((model) => ({ model, use: inUseOf(model, activity) })),
    [models.data, activity],
  );
}
