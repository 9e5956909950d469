import type { LogRun } from '@shared/domain/log';
import { useVirtualizer } from '@tanstack/react-virtual';
import { ChevronDown, ChevronUp, Copy, Download, WrapText } from 'lucide-react';
import { type ReactNode, useEffect, useLayoutEffect, useRef, useState } from 'react';
import { useClient } from '../../api/api-context';
import { Button, IconButton } from '../../components/Button';
import { copyText } from '../../components/CopyButton';
import { ErrorBlock, errorSentence } from '../../components/ErrorBlock';
import { formatCount, formatDisk } from '../../components/format';
import { SearchField } from '../../components/SearchField';
import { Switch } from '../../components/Switch';
import { LogLineView } from './LogLineView';
import { newestLines, saveRun } from './save-log';
import { type LogSearch, useLogSearch } from './use-log-search';
import { useLogWindow } from './use-log-window';

const LINE_PX = 18;

function LogToolbar({
  search,
  wrap,
  onWrap,
  onCopy,
  onSave,
  leading,
}: {
  readonly search: LogSearch;
  readonly wrap: boolean;
  readonly onWrap: () => void;
  readonly onCopy: () => void;
  readonly onSave: () => void;
  readonly leading?: ReactNode;
}) {
  const none = search.line === undefined && 'No match to go to';
  return (
    <div className="flex h-11 shrink-0 items-center gap-1.5 px-3">
      {leading}
      <SearchField
        label="Search this run"
        width="w-[270px] min-w-0"
        value={search.text}
        onChange={search.setText}
        right={
          <span role="status" className="shrink-0 text-caption text-text-2">
            {search.position}
          </span>
        }
        onKeyDown={(event) => {
          if (event.key === 'Enter' && search.line !== undefined)
            search.step(event.shiftKey ? 1 : -1);
        }}
      />
      <IconButton label="Previous match" reason={none} onClick={() => search.step(-1)}>
        <ChevronUp size={16} strokeWidth={1.5} />
      </IconButton>
      <IconButton label="Next match" reason={none} onClick={() => search.step(1)}>
        <ChevronDown size={16} strokeWidth={1.5} />
      </IconButton>
      <span className="flex-1" />
      <IconButton label="Wrap long lines" pressed={wrap} onClick={onWrap}>
        <WrapText size={16} strokeWidth={1.5} />
      </IconButton>
      <IconButton label="Copy the newest 5,000 lines" onClick={onCopy}>
        <Copy size={16} strokeWidth={1.5} />
      </IconButton>
      <IconButton label="Save the whole run…" onClick={onSave}>
        <Download size={16} strokeWidth={1.5} />
      </IconButton>
    </div>
  );
}

interface LogViewProps {
  readonly profileId: string;
  readonly name: string;
  readonly run: LogRun;
  /** The run picker, where it has no column of its own. */
  readonly picker?: ReactNode;
}

/** One run: its lines as they come, with search, copy and save. */
export function LogView({ profileId, name, run, picker }: LogViewProps) {
  const client = useClient();
  const log = useLogWindow(profileId, run);
  const search = useLogSearch(profileId, run.run);
  const [wrap, setWrap] = useState(false);
  const [follow, setFollow] = useState(true);
  const [seenEnd, setSeenEnd] = useState(0);
  const [problem, setProblem] = useState<string>();
  const scroller = useRef<HTMLDivElement>(null);
  const lastTop = useRef(0);
  const { firstLine, endLine, bytes } = log.extent;

  const virtual = useVirtualizer({
    count: Math.max(0, endLine - firstLine),
    getScrollElement: () => scroller.current,
    estimateSize: () => LINE_PX,
    overscan: 12,
  });
  const items = virtual.getVirtualItems();
  const from = items[0]?.index ?? 0;
  const to = items.at(-1)?.index ?? 0;
  useEffect(() => log.want(firstLine + from, firstLine + to));

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new end is the reason to scroll
  useLayoutEffect(() => {
    const element = scroller.current;
    if (follow && element) element.scrollTop = element.scrollHeight;
  }, [follow, endLine, log, wrap]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: a row's height depends on wrapping
  useEffect(() => virtual.measure(), [wrap, virtual]);

  useEffect(() => {
    if (search.line === undefined) return;
    setFollow(false);
    virtual.scrollToIndex(search.line - log.extent.firstLine, { align: 'center' });
  }, [search.line, virtual, log]);

  const handleScroll = (): void => {
    const element = scroller.current;
    if (!element) return;
    const atEnd = element.scrollHeight - element.scrollTop - element.clientHeight < LINE_PX;
    if (atEnd) setFollow(true);
    else if (element.scrollTop < lastTop.current - 1 && follow) {
      setFollow(false);
      setSeenEnd(endLine);
    }
    lastTop.current = element.scrollTop;
  };
  const report = (work: Promise<unknown>): void => {
    setProblem(undefined);
    work.catch((error: unknown) => setProblem(errorSentence(error)));
  };
  const fresh = endLine - seenEnd;
  return (
    <div className="flex min-h-0 min-w-0 flex-1 flex-col">
      <LogToolbar
        search={search}
        wrap={wrap}
        onWrap={() => setWrap(!wrap)}
        leading={picker}
        onCopy={() => report(newestLines(client, profileId, run).then(copyText))}
        onSave={() => report(saveRun(client, profileId, run, `${name} run ${run.run}.log`))}
      />
      {(problem || log.error !== undefined) && (
        <ErrorBlock className="mx-3 mb-2" sentence={problem ?? errorSentence(log.error)} />
      )}
      <div className="relative min-h-0 flex-1 border-t border-sep">
        <section
          ref={scroller}
          // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling part must be reachable
          tabIndex={0}
          aria-label={`Log of run ${run.run}`}
          onScroll={handleScroll}
          className="h-full overflow-auto focus-visible:-outline-offset-2"
        >
          <div className="relative w-full" style={{ height: virtual.getTotalSize() }}>
            {items.map((item) => {
              const n = firstLine + item.index;
              const line = log.line(n);
              return (
                <div
                  key={item.key}
                  data-index={item.index}
                  ref={wrap ? virtual.measureElement : undefined}
                  className={
                    wrap ? 'absolute inset-x-0 top-0' : 'absolute top-0 left-0 w-max min-w-full'
                  }
                  style={{ transform: `translateY(${item.start}px)` }}
                >
                  {line ? (
                    <LogLineView
                      line={line}
                      wrap={wrap}
                      query={search.query}
                      current={n === search.line}
                    />
                  ) : (
                    <div className="h-[18px] px-3 font-mono text-log text-text-3">
                      {line === null ? 'not kept' : ''}
                    </div>
                  )}
                </div>
              );
            })}
          </div>
        </section>
        {!follow && fresh > 0 && run.outcome === 'running' && (
          <Button
            className="absolute bottom-3 left-1/2 -translate-x-1/2 !bg-bg-pop shadow-pop"
            onClick={() => setFollow(true)}
          >
            {formatCount(fresh, 'new line')}
          </Button>
        )}
      </div>
      <footer className="flex h-9 shrink-0 items-center gap-4 border-t border-sep px-3 text-small text-text-2">
        <span>{formatCount(endLine - firstLine, 'line')}</span>
        <span>{formatDisk(bytes)}</span>
        {firstLine > 0 && <span>the first {formatCount(firstLine, 'line')} are not kept</span>}
        <span className="ml-auto flex items-center gap-2">
          Follow
          <Switch
            aria-label="Follow"
            checked={follow}
            onChange={(on) => {
              setFollow(on);
              setSeenEnd(endLine);
            }}
          />
        </span>
      </footer>
    </div>
  );
}
