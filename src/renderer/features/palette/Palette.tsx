import { type KeyboardEvent, useEffect, useId, useRef, useState } from 'react';
import { useClient } from '../../api/api-context';
import { classNames } from '../../components/class-names';
import { ErrorBlock, errorSentence } from '../../components/ErrorBlock';
import { shortcutLabel } from '../../components/platform';
import { useLive } from '../../live/use-live';
import { navigate, routeHref, SCREENS } from '../frame/route';
import { useServerActions } from '../servers/server-actions';
import { filterActions, type PaletteAction, paletteActions } from './actions';

interface PaletteProps {
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
}

/** Every action by its name: type, choose with the arrows, Enter. */
export function Palette({ open, onOpenChange }: PaletteProps) {
  const ref = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    if (open && !ref.current?.open) ref.current?.showModal();
  }, [open]);
  if (!open) return null;
  return (
    <dialog
      ref={ref}
      aria-label="Command palette"
      onCancel={(event) => {
        event.preventDefault();
        onOpenChange(false);
      }}
      onClick={(event) => {
        if (event.target === event.currentTarget) onOpenChange(false);
      }}
      onKeyDown={() => undefined}
      className="mx-auto mt-[132px] w-[640px] max-w-[calc(100vw-40px)] overflow-hidden rounded-palette bg-bg-pop text-text-1 shadow-palette"
    >
      <PaletteBody onClose={() => onOpenChange(false)} />
    </dialog>
  );
}

function PaletteBody({ onClose }: { readonly onClose: () => void }) {
  const listId = useId();
  const [text, setText] = useState('');
  const [index, setIndex] = useState(0);
  const [problem, setProblem] = useState<string>();
  const run = useRun();
  const facts = useLive(({ profiles, servers, installations }) => ({
    profiles,
    servers,
    installations,
  }));
  const shown = filterActions(paletteActions(facts), text);
  const current = shown[Math.min(index, shown.length - 1)];
  const choose = (action: PaletteAction | undefined): void => {
    if (!action || action.reason) return;
    // What is refused is said here, where it was asked for; everything else closes at once.
    run(action.id).then(onClose, (error: unknown) => setProblem(errorSentence(error)));
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step !== 0) {
      event.preventDefault();
      setIndex((at) => Math.min(shown.length - 1, Math.max(0, at + step)));
    } else if (event.key === 'Enter') {
      event.preventDefault();
      choose(current);
    } else if (event.key === 'Escape') {
      event.preventDefault();
      onClose();
    }
  };
  return (
    <>
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
        }}
        onKeyDown={onKeyDown}
        className="h-[52px] w-full border-b border-sep bg-transparent px-5 text-toolbar outline-none placeholder:text-text-3"
      />
      {problem && <ErrorBlock className="m-3" sentence={problem} />}
      <div
        id={listId}
        role="listbox"
        aria-label="Actions"
        className="max-h-[352px] overflow-y-auto p-1.5"
      >
        {shown.map((action) => (
          <PaletteRow
            key={action.id}
            id={`${listId}-${action.id}`}
            action={action}
            selected={action === current}
            onChoose={() => choose(action)}
          />
        ))}
      </div>
      {shown.length === 0 && <p className="px-5 py-4 text-text-2">Nothing is called “{text}”.</p>}
    </>
  );
}

interface PaletteRowProps {
  readonly id: string;
  readonly action: PaletteAction;
  readonly selected: boolean;
  readonly onChoose: () => void;
}

function PaletteRow({ id, action, selected, onChoose }: PaletteRowProps) {
  const ref = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (selected) ref.current?.scrollIntoView({ block: 'nearest' });
  }, [selected]);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are the combobox's
    <div
      ref={ref}
      id={id}
      role="option"
      aria-selected={selected}
      aria-disabled={action.reason !== undefined}
      tabIndex={-1}
      onClick={onChoose}
      className={classNames(
        'flex h-[34px] items-center gap-3 rounded-row px-3.5',
        selected && 'bg-accent-tint',
      )}
    >
      <span className={classNames('flex-1 truncate', action.reason && 'text-text-3')}>
        {action.label}
      </span>
      <span className="truncate text-small text-text-2">{action.reason ?? action.group}</span>
      {action.shortcut && !action.reason && (
        <kbd className="font-sans text-small text-text-2">{shortcutLabel(action.shortcut)}</kbd>
      )}
    </div>
  );
}

/** Does what an action's id says; rejects with what was refused. */
function useRun(): (id: string) => Promise<unknown> {
  const client = useClient();
  const servers = useServerActions();
  return async (id) => {
    const [verb = '', target = ''] = id.split(':');
    const screen = SCREENS.find((name) => name === target);
    switch (verb) {
      case 'go':
        return screen && navigate(routeHref(screen));
      case 'new':
        return navigate(routeHref('servers', ['new']));
      case 'start':
        return void servers.start(target);
      case 'stop':
        return void servers.stop(target);
      case 'restart':
        return void servers.restart(target);
      case 'show':
        return navigate(routeHref('servers', [target]));
      case 'logs':
        return navigate(routeHref('servers', [target, 'logs']));
      case 'edit':
        return navigate(routeHref('servers', [target, 'settings']));
      case 'stop-all':
        return client.call('servers.stopAll');
      case 'models':
        return client.call('models.rescan');
      case 'theme':
        return client.call('settings.set', { key: 'appearance', value: target });
      case 'engine':
        navigate(routeHref('engines'));
        return client.call(target === 'update' ? 'engines.update' : 'engines.install', {
          engine: 'mlx-lm',
        });
    }
  };
}
