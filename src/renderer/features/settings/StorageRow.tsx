import { classNames } from '@renderer/components/class-names';
import { Meter } from '@renderer/components/Meter';
import type { DataUsage } from '@shared/domain/settings';
import { formatDisk } from '@shared/format/bytes';
import { storageParts } from './storage';

/** How much the data folder holds, and of what. */
export function StorageRow({ usage }: { readonly usage: DataUsage | undefined }) {
  const parts = usage ? storageParts(usage) : [];
  const total = parts.reduce((sum, part) => sum + part.value, 0);
  const said = parts.map((part) => `${part.label} ${formatDisk(part.value)}`);
  return (
    <div className="py-2.5">
      <div className="flex justify-between gap-4">
        <span>On disk</span>
        <span className="font-medium">{usage ? formatDisk(total) : 'Counting'}</span>
      </div>
      <div className="my-2">
        <Meter height={10} parts={parts} total={total} label={`On disk: ${said.join(', ')}`} />
      </div>
      <ul className="flex min-h-4 flex-wrap gap-x-4 gap-y-1 text-small text-text-2">
        {parts.map((part) => (
          <li key={part.label} className="flex items-center gap-1.5">
            <i className={classNames('size-2 rounded-xs', part.colour)} />
            {part.label} {formatDisk(part.value)}
          </li>
        ))}
      </ul>
    </div>
  );
}
