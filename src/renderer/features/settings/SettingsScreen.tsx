import { useEffect, useRef, useState } from 'react';

import { classNames } from '@renderer/components/class-names';
import { PaletteButton } from '@renderer/components/PaletteButton';
import { Pane } from '@renderer/components/Pane';
import { SearchField } from '@renderer/components/SearchField';
import { useRoute } from '@renderer/routing/route';
import { useLogout } from './BrowserGroup';
import { focusControl } from './focus-control';
import { matchesPart, PARTS } from './parts';
import { useCurrentPart } from './use-current-part';

/** One scrolling page; a change applies at once, there is no Save. */
export function SettingsScreen() {
  const [search, setSearch] = useState('');
  const body = useRef<HTMLDivElement>(null);
  const { field } = useRoute().query;
  const { canLogOut } = useLogout();
  const parts = PARTS.filter(
    (part) => (canLogOut || !part.browserOnly) && matchesPart(part, search),
  );
  const { current, show } = useCurrentPart(
    body,
    parts.map((part) => part.id),
  );
  useEffect(() => {
    if (!field) return;
    const row = body.current?.querySelector(`[data-field="${CSS.escape(field)}"]`);
    row?.scrollIntoView({ block: 'center' });
    focusControl(row);
  }, [field]);
  return (
    <>
      <Pane
        label="Settings index"
        className="w-[236px] shrink-0 border-r border-sep bg-bg-list narrow:w-[196px]"
        bodyClassName="flex flex-col px-3"
        toolbar={{ title: 'Settings' }}
      >
        <SearchField
          value={search}
          onChange={setSearch}
          label="Search settings"
          viewSearch
          width="w-full"
        />
        <nav aria-label="Settings" className="mt-2">
          {parts.map((part) => (
            <button
              key={part.id}
              type="button"
              aria-current={current === part.id ? 'true' : undefined}
              onClick={() => show(part.id)}
              className={classNames(
                'flex h-[30px] w-full items-center rounded-button px-2 text-left',
                current === part.id && 'bg-accent-tint',
              )}
            >
              {part.title}
            </button>
          ))}
        </nav>
        <p className="mt-auto px-2 pt-6 pb-4 text-caption text-text-3">
          Changes apply immediately. Engine options are set per profile.
        </p>
      </Pane>
      <Pane
        label="Settings"
        className="flex-1"
        bodyRef={body}
        toolbar={{ children: <PaletteButton /> }}
      >
        <div className="mx-auto flex max-w-[640px] flex-col gap-6 px-5 pb-16">
          {parts.map((part) => (
            <div key={part.id} data-part={part.id} className="scroll-mt-4">
              {part.content}
            </div>
          ))}
          {parts.length === 0 && <p className="text-text-2">No results for “{search}”</p>}
        </div>
      </Pane>
    </>
  );
}
