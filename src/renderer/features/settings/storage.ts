import type { MeterPart } from '@renderer/components/Meter';
import type { Model } from '@shared/domain/model';
import type { DataUsage } from '@shared/domain/settings';
import { formatDisk } from '@shared/format/bytes';
import { formatCount } from '@shared/format/counts';

/** The data folder in parts; what has no name of its own is the rest, so that they add up. */
export function storageParts({ engines, logs, profiles, total }: DataUsage): MeterPart[] {
  const rest = total.bytes - engines.bytes - logs.bytes - profiles.bytes;
  return [
    { label: 'Engines', value: engines.bytes, colour: 'bg-memory-1' },
    { label: 'Logs', value: logs.bytes, colour: 'bg-memory-2' },
    { label: 'Profiles', value: profiles.bytes, colour: 'bg-memory-4' },
    // The parts are counted one after the other, while servers write.
    { label: 'Everything else', value: Math.max(0, rest), colour: 'bg-memory-3' },
  ];
}

/** What of the library lies in one scanned folder, bytes. */
export function bytesInFolder(models: readonly Model[], folder: string, cache: boolean): number {
  return models
    .filter((model) => (cache ? model.origin === 'huggingface' : model.folder === folder))
    .reduce((sum, model) => sum + model.sizeBytes, 0);
}

/** Which models no removal touches, in numbers; the built-in one is made again when it is wanted. */
export function keptModels(models: readonly Model[]): string {
  const kept = models.filter((model) => model.origin !== 'built-in');
  if (kept.length === 0) return 'Models in the Hugging Face cache and in added folders are kept.';
  const bytes = kept.reduce((sum, model) => sum + model.sizeBytes, 0);
  const those = kept.length === 1 ? 'The model' : `The ${formatCount(kept.length, 'model')}`;
  return `${those} on disk (${formatDisk(bytes)}) ${kept.length === 1 ? 'is' : 'are'} kept for other apps to use.`;
}
