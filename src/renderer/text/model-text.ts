import type { Model, ModelCopy, ModelFolder } from '@shared/domain/model';
import { formatCount, formatLargeCount } from '@shared/format/counts';
import { daysAgo, formatClock, formatDate } from '@shared/format/dates';
import { modelName } from './server-text';

type Place = Pick<Model, 'origin' | 'path' | 'folder'>;

/** `Qwen3-8B-4bit`: the name without who made it. */
export function shortName({ name, origin }: Pick<Model, 'name' | 'origin'>): string {
  return origin === 'built-in' ? name : modelName(name);
}

/** Who made it, where its name or the folder it lies in tells. */
export function ownerOf({ name }: Pick<Model, 'name'>): string | undefined {
  return name.includes('/') ? modelName(name.slice(0, name.lastIndexOf('/'))) : undefined;
}

/** Where it lies. */
export function placeOf({ origin, path, folder }: Place): string {
  switch (origin) {
    case 'built-in':
      return 'Built in';
    case 'huggingface':
      return folder ?? 'Hugging Face cache';
    case 'lmstudio':
      return 'LM Studio folder';
    case 'omlx':
      return 'oMLX folder';
    case 'ollama':
      return 'Ollama';
    case 'folder':
      return folder ?? path;
  }
}

/** The same in the middle of a sentence: `the LM Studio folder`, `the cache`. */
export function copyPlace(place: Place): string {
  switch (place.origin) {
    case 'huggingface':
      return place.folder ?? 'the Hugging Face cache';
    case 'lmstudio':
    case 'omlx':
      return `the ${placeOf(place)}`;
    default:
      return placeOf(place);
  }
}

const KINDS: Readonly<Record<NonNullable<Model['kind']>, string | undefined>> = {
  text: undefined,
  vision: 'Vision',
  embedding: 'Embedding',
  audio: 'Speech',
  image: 'Image',
  adapter: 'Adapter',
  other: undefined,
};

/** What a model is, where it does not write text; undefined where there is nothing to say. */
export function kindText(kind: Model['kind']): string | undefined {
  return kind && KINDS[kind];
}

/** The second line of a row: who made it, where it lies, and what else than text it is for. */
export function originOf(model: Model): string {
  if (model.origin === 'built-in') return 'Built in, for testing';
  const kind = kindText(model.kind);
  return [ownerOf(model), placeOf(model), kind].filter(Boolean).join(' · ');
}

/** What a folder of the library is called in a choice. */
export function folderName({ origin, path }: Pick<ModelFolder, 'origin' | 'path'>): string {
  return origin === 'added' ? path : placeOf({ origin, path });
}

const SHORT_PLACES: Partial<Readonly<Record<Model['origin'], string>>> = {
  huggingface: 'the cache',
  lmstudio: 'LM Studio',
  omlx: 'oMLX',
};

/** `Also in LM Studio`: where the same weights are. */
export function alsoIn(copies: readonly ModelCopy[]): string {
  const [first] = copies;
  if (!first || copies.length > 1) return `Also in ${formatCount(copies.length, 'other place')}`;
  const { origin, folder, path } = first;
  const isAdded = origin === 'folder' || (origin === 'huggingface' && folder !== undefined);
  return `Also in ${(isAdded ? undefined : SHORT_PLACES[origin]) ?? modelName(folder ?? path)}`;
}

export function usedByText(names: readonly string[]): string {
  return names.length === 0 ? 'Unused' : formatCount(names.length, 'profile');
}

/** `now`, `12 min ago`, `yesterday`, `Nov 19`, `Never`. */
export function lastUsedText(time: string | undefined, running: boolean, now: number): string {
  if (running) return 'now';
  if (time === undefined) return 'Never';
  const at = new Date(time);
  const today = new Date(now);
  const seconds = Math.max(0, (now - at.getTime()) / 1000);
  if (seconds < 60) return 'just now';
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  const days = daysAgo(at, today);
  if (days === 0) return `today ${formatClock(at)}`;
  return days === 1 ? 'yesterday' : formatDate(at, today);
}

/** `qwen3, 8.2 B, 36 layers, 8 KV heads`. */
export function architectureText(model: Model): string | undefined {
  const { architecture, parameters, layers, kvHeads } = model;
  const parts = [
    architecture,
    parameters === undefined ? undefined : formatLargeCount(parameters),
    layers === undefined ? undefined : formatCount(layers, 'layer'),
    kvHeads === undefined ? undefined : formatCount(kvHeads, 'KV head'),
  ].filter((part) => part !== undefined);
  return parts.length === 0 ? undefined : parts.join(', ');
}

/** `4-bit, group size 64`. */
export function quantisationText({ bits, groupSize }: Model): string | undefined {
  if (bits === undefined) return undefined;
  return groupSize === undefined ? `${bits}-bit` : `${bits}-bit, group size ${groupSize}`;
}

const REASONING = {
  none: undefined,
  always: 'always reasons',
  switchable: 'optional reasoning',
} as const;

/** `Tool calls, optional reasoning`. */
export function templateText({ template }: Pick<Model, 'template'>): string | undefined {
  if (!template) return undefined;
  const tools = template.toolCalls ? 'Tool calls' : 'No tool calls';
  return [tools, REASONING[template.reasoning]].filter(Boolean).join(', ');
}
