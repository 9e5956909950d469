import { classNames } from '@renderer/components/class-names';
import type { DownloadParts, DownloadTone } from '@renderer/text/download-text';

const WORDS: Readonly<Record<DownloadTone, string>> = {
  working: 'text-text-2',
  off: 'text-text-2',
  warning: 'text-warning-text',
  broken: 'text-broken-text',
};

interface DownloadNumbersProps {
  readonly parts: DownloadParts;
  readonly tone: DownloadTone;
  readonly className?: string;
}

/** The state's word, how much, how fast and how long: each whole, on further lines where there is no room beside. */
export function DownloadNumbers({ parts, tone, className }: DownloadNumbersProps) {
  const { word, amount, speed, left } = parts;
  const pace = [speed, left].filter(Boolean).join(', ');
  return (
    <span className={classNames('flex flex-wrap justify-between gap-x-2 text-text-2', className)}>
      {word && <span className={WORDS[tone]}>{word}</span>}
      {amount && <span className="whitespace-nowrap tabular-nums">{amount}</span>}
      {pace && <span className="whitespace-nowrap tabular-nums">{pace}</span>}
    </span>
  );
}
