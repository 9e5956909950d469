import { type ReactNode, useEffect, useRef, useState } from 'react';
import { classNames } from '../../components/class-names';
import { Facts } from '../../components/Facts';
import { FormGroup, FormRow } from '../../components/Form';
import { Pane } from '../../components/Pane';
import { SearchField } from '../../components/SearchField';
import { Segmented } from '../../components/Segmented';
import { useMedia } from '../../components/use-media';
import { useLive } from '../../live/use-live';
import { PaletteButton } from '../frame/PaletteButton';
import { DataGroup } from './DataGroup';
import { FolderGroup } from './FolderGroup';
import { NumberSetting } from './NumberSetting';
import { useSetting } from './use-setting';

interface Part {
  readonly id: string;
  readonly title: string;
  /** Words that lead here in the search. */
  readonly words: string;
  readonly content: ReactNode;
}

const PARTS: readonly Part[] = [
  {
    id: 'general',
    title: 'General',
    words: 'appearance theme light dark quit servers stop grace',
    content: <General />,
  },
  { id: 'models', title: 'Models', words: 'folder hugging face cache', content: <FolderGroup /> },
  {
    id: 'logs',
    title: 'Logs and metrics',
    words: 'log file size rotation sample cpu memory',
    content: <Logs />,
  },
  {
    id: 'data',
    title: 'Data',
    words: 'remove engines logs all uninstall storage',
    content: <DataGroup />,
  },
  { id: 'about', title: 'About', words: 'version home folder address process', content: <About /> },
];

/** One scrolling page; a change applies at once, there is no Save. */
export function SettingsScreen() {
  const [search, setSearch] = useState('');
  const [current, setCurrent] = useState('general');
  const page = useRef<HTMLDivElement>(null);
  const narrow = useMedia('(width < 1000px)');
  const text = search.trim().toLowerCase();
  const parts = PARTS.filter((part) => `${part.title} ${part.words}`.toLowerCase().includes(text));
  useFollow(page, setCurrent);
  const show = (id: string): void => {
    setCurrent(id);
    page.current?.querySelector(`[data-part="${id}"]`)?.scrollIntoView({ block: 'start' });
  };
  return (
    <>
      {!narrow && (
        <Pane
          label="Settings index"
          className="w-[236px] shrink-0 border-r border-sep bg-bg-list"
          toolbar={{ title: 'Settings' }}
        >
          <div className="px-3">
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
                    'flex h-[30px] w-full items-center rounded-[7px] px-2 text-left',
                    current === part.id && 'bg-accent-tint',
                  )}
                >
                  {part.title}
                </button>
              ))}
            </nav>
          </div>
          <p className="mt-6 px-5 text-caption text-text-3">
            A change applies at once. Engine options are in each profile.
          </p>
        </Pane>
      )}
      <Pane
        label="Settings"
        className="flex-1"
        toolbar={{ ...(narrow ? { title: 'Settings' } : {}), children: <PaletteButton /> }}
      >
        <div ref={page} className="mx-auto flex max-w-[640px] flex-col gap-6 px-5 pb-16">
          {parts.map((part) => (
            <div key={part.id} data-part={part.id} className="scroll-mt-4">
              {part.content}
            </div>
          ))}
          {parts.length === 0 && <p className="text-text-2">No setting matches “{search}”.</p>}
        </div>
      </Pane>
    </>
  );
}

/** The index follows what is in view. */
function useFollow(
  page: { readonly current: HTMLDivElement | null },
  onPart: (id: string) => void,
): void {
  useEffect(() => {
    const parts = page.current?.querySelectorAll<HTMLElement>('[data-part]') ?? [];
    const observer = new IntersectionObserver(
      (entries) => {
        const first = entries.find((entry) => entry.isIntersecting);
        const id = first && (first.target as HTMLElement).dataset.part;
        if (id) onPart(id);
      },
      { rootMargin: '-10% 0px -70% 0px' },
    );
    for (const part of parts) observer.observe(part);
    return () => observer.disconnect();
  }, [page, onPart]);
}

function General() {
  const appearance = useSetting('appearance');
  const onQuit = useSetting('onQuit');
  return (
    <FormGroup title="General">
      <FormRow label="Appearance" problem={appearance.problem}>
        <Segmented
          aria-label="Appearance"
          small
          value={appearance.value}
          onChange={appearance.set}
          options={[
            { value: 'system', label: 'System' },
            { value: 'light', label: 'Light' },
            { value: 'dark', label: 'Dark' },
          ]}
        />
      </FormRow>
      <FormRow
        label="When quitting"
        hint="Servers left running are taken back at the next start"
        problem={onQuit.problem}
      >
        <Segmented
          aria-label="When quitting"
          small
          value={onQuit.value}
          onChange={onQuit.set}
          options={[
            { value: 'stop', label: 'Stop servers' },
            { value: 'leave-running', label: 'Leave them running' },
          ]}
        />
      </FormRow>
      <NumberSetting
        setting="stopGraceSeconds"
        label="Time to stop"
        hint="1 to 120; after it a server that does not end is killed"
        unit="s"
      />
    </FormGroup>
  );
}

function Logs() {
  return (
    <FormGroup title="Logs and metrics">
      <NumberSetting
        setting="logFileMegabytes"
        label="Size of a log file"
        hint="1 to 1000; then a new one is begun"
        unit="MB"
      />
      <NumberSetting
        setting="logFilesKept"
        label="Log files per server"
        hint="1 to 50, over all its runs"
      />
      <NumberSetting
        setting="sampleSeconds"
        label="Measure every"
        hint="1 to 60; CPU and memory of each server"
        unit="s"
      />
    </FormGroup>
  );
}

function About() {
  const manager = useLive((data) => data.manager);
  return (
    <FormGroup title="About">
      <div className="py-3">
        <Facts
          facts={[
            { label: 'Version', value: manager.version },
            {
              label: 'Runs',
              value: `${manager.host === 'desktop' ? 'as an application' : 'without a desktop'}, process ${manager.pid}`,
            },
            ...(manager.url ? [{ label: 'Address', value: manager.url }] : []),
            { label: 'Data folder', value: manager.home },
          ]}
        />
      </div>
    </FormGroup>
  );
}
