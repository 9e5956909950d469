import { useQuery } from '@tanstack/react-query';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useLayoutEffect, useRef, useState } from 'react';

import { useClient } from '@renderer/api/api-context';
import { Button } from '@renderer/components/Button';
import { classNames } from '@renderer/components/class-names';
import { Section } from '@renderer/components/Pane';
import type { Download, DownloadFile } from '@shared/domain/download';
import type { HubFile } from '@shared/domain/hub';
import { formatDisk } from '@shared/format/bytes';
import { formatCount, formatNumber } from '@shared/format/counts';
import { fileState, inOrderOfSize } from './file-list';

interface HubFilesProps {
  readonly files: readonly HubFile[];
  readonly download: Download | undefined;
}

const ROW_PX = 26;
/** Shown at first: the weights of most models, and the largest of the rest. */
const FEW = 8;

/** What a model consists of, the largest files first, and of each how far it is. */
export function HubFiles({ files, download }: HubFilesProps) {
  const [all, setAll] = useState(false);
  const states = useFileStates(download);
  const ordered = inOrderOfSize(files);
  const wanted = files.filter((file) => file.wanted);
  const verified = download ? `, ${formatNumber(download.files.verified)} verified` : '';
  const shown = all ? ordered : ordered.slice(0, FEW);
  return (
    <Section sticky title="Files" right={`${formatCount(wanted.length, 'file')}${verified}`}>
      <FileRows files={shown} states={states} />
      {files.length > FEW && (
        <Button kind="plain" size="small" className="mt-1 -ml-2" onClick={() => setAll(!all)}>
          {all ? 'Show fewer files' : `Show all ${formatNumber(files.length)} files`}
        </Button>
      )}
    </Section>
  );
}

/** How far each file is, asked again while something comes. */
function useFileStates(download: Download | undefined): ReadonlyMap<string, DownloadFile> {
  const client = useClient();
  const id = download?.id ?? '';
  const total = download?.files.total ?? 0;
  const isMoving = download?.state === 'running' || download?.state === 'verifying';
  const files = useQuery({
    queryKey: ['downloads.files', id, download?.state, total],
    queryFn: () => client.call('downloads.files', { downloadId: id }),
    enabled: download !== undefined,
    placeholderData: (before) => before,
    // A list of thousands is no small answer.
    refetchInterval: isMoving ? (total > 500 ? 5000 : 1000) : false,
  });
  return new Map(download ? files.data?.map((file) => [file.path, file]) : []);
}

interface FileRowsProps {
  readonly files: readonly HubFile[];
  readonly states: ReadonlyMap<string, DownloadFile>;
}

/** The rows in sight alone: there may be tens of thousands. They scroll with the pane. */
function FileRows({ files, states }: FileRowsProps) {
  const list = useRef<HTMLDivElement>(null);
  const [above, setAbove] = useState(0);
  const scroller = (): HTMLElement | null => list.current?.closest('[data-scrolls]') ?? null;
  const virtual = useVirtualizer({
    count: files.length,
    getScrollElement: scroller,
    estimateSize: () => ROW_PX,
    overscan: 12,
    scrollMargin: above,
  });
  useLayoutEffect(() => {
    const body = list.current?.closest<HTMLElement>('[data-scrolls]');
    const look = (): void => {
      if (!list.current || !body) return;
      const top = list.current.getBoundingClientRect().top - body.getBoundingClientRect().top;
      setAbove(Math.round(top + body.scrollTop));
    };
    look();
    // What stands above comes and goes.
    const watch = new ResizeObserver(look);
    if (body?.firstElementChild) watch.observe(body.firstElementChild);
    return () => watch.disconnect();
  }, []);
  useEffect(() => virtual.measure(), [virtual]);
  return (
    // biome-ignore lint/a11y/useSemanticElements: of thousands of rows only some are there
    <div
      ref={list}
      role="table"
      aria-label="Files"
      aria-rowcount={files.length}
      className="relative"
      style={{ height: files.length * ROW_PX }}
    >
      {virtual.getVirtualItems().map((item) => {
        const file = files[item.index];
        return (
          file && (
            <FileRow
              key={file.path}
              file={file}
              state={states.get(file.path)}
              wide={states.size > 0}
              index={item.index}
              top={item.start - above}
            />
          )
        );
      })}
    </div>
  );
}

interface FileRowProps {
  readonly file: HubFile;
  readonly state: DownloadFile | undefined;
  /** There is a download: every row has a state. */
  readonly wide: boolean;
  readonly index: number;
  readonly top: number;
}

const TONES = { good: 'text-ready-text', busy: 'text-accent-text', idle: 'text-text-2' } as const;

function FileRow({ file, state, wide, index, top }: FileRowProps) {
  const { label, tone } = fileState(file, state);
  return (
    // biome-ignore lint/a11y/useSemanticElements: see above
    // biome-ignore lint/a11y/useFocusableInteractive: a row of a plain table
    <div
      role="row"
      aria-rowindex={index + 1}
      className="absolute inset-x-0 flex h-[26px] items-center gap-2 border-b border-sep text-small"
      style={{ transform: `translateY(${top}px)` }}
    >
      {/* biome-ignore lint/a11y/useSemanticElements: see above */}
      <span
        role="cell"
        className="min-w-0 flex-1 truncate font-mono text-caption"
        title={file.path}
      >
        {file.path}
      </span>
      {/* biome-ignore lint/a11y/useSemanticElements: see above */}
      <span role="cell" className="shrink-0">
        {formatDisk(file.sizeBytes)}
      </span>
      {/* biome-ignore lint/a11y/useSemanticElements: see above */}
      <span
        role="cell"
        className={classNames(
          'shrink-0 text-right whitespace-nowrap empty:-ml-2',
          wide && 'w-[66px]',
          TONES[tone],
        )}
      >
        {label}
      </span>
    </div>
  );
}
