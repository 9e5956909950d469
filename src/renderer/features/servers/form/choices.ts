import type { SearchOption } from '@renderer/components/search-options';
import type { SelectOption } from '@renderer/components/Select';
import { shortName } from '@renderer/text/model-text';
import { modelName } from '@renderer/text/server-text';
import type { Installation } from '@shared/domain/engine';
import { ENGINE_IDS } from '@shared/domain/engine-ids';
import type { Model } from '@shared/domain/model';
import type { ServerProfile } from '@shared/domain/profile';
import { formatDisk } from '@shared/format/bytes';
import { formatCount } from '@shared/format/counts';
import type { ProfileDraft } from './draft';

const ORIGINS: Readonly<Record<Model['origin'], string>> = {
  'built-in': 'Built in',
  huggingface: 'Hugging Face',
  lmstudio: 'LM Studio',
  omlx: 'oMLX',
  ollama: 'Ollama',
  folder: 'Added folder',
};

function incompleteReason(model: Model): string | undefined {
  if (model.complete || model.wholeWeights) return undefined;
  if (model.state === 'unmounted') return `${model.disk ?? 'Its disk'} isn't mounted`;
  if (model.state === 'unusable') return 'No engine can load it';
  if (model.state === 'damaged') return 'Damaged: verify or repair it in Models';
  const missing = model.missing?.length ?? 0;
  return missing > 0 ? `Incomplete: ${formatCount(missing, 'file')} missing` : 'Incomplete';
}

const HERE = 'On this machine';
const ELSEWHERE = 'Not on this machine';
const NOT_NOW = 'Cannot be chosen now';

function modelChoice(model: Model): SearchOption {
  const reason = incompleteReason(model);
  return {
    value: model.ref,
    label: model.name,
    detail: `${ORIGINS[model.origin]}, ${formatDisk(model.sizeBytes)}`,
    group: reason === undefined ? HERE : NOT_NOW,
    reason,
  };
}

/** Models to choose from: the whole ones first; incomplete ones are shown with the reason and cannot be chosen. */
export function modelChoices(
  models: readonly Model[],
  chosen: string,
  mayBeNone = false,
): SearchOption[] {
  const all = models.map(modelChoice);
  const isHere = chosen === '' || chosen === 'none' || models.some(({ ref }) => ref === chosen);
  return [
    ...(mayBeNone || chosen === 'none' ? [{ value: 'none', label: NO_MODEL, group: '' }] : []),
    ...all.filter(({ reason }) => reason === undefined),
    ...(isHere ? [] : [{ value: chosen, label: chosen, group: ELSEWHERE }]),
    ...all.filter(({ reason }) => reason !== undefined),
  ];
}

const NO_MODEL = 'None (the command loads its own)';

/** What the closed field shows of a choice; empty where nothing is chosen. */
export function chosenModel(models: readonly Model[] | undefined, chosen: string): string {
  if (chosen === '') return '';
  if (chosen === 'none') return NO_MODEL;
  const model = models?.find(({ ref }) => ref === chosen);
  if (model) return shortName(model);
  // Until the library is known, nothing is said of what is missing in it.
  return models === undefined ? modelName(chosen) : `${modelName(chosen)}, not on this machine`;
}

const SEPARATOR = ' # ';

/** The select's value for an engine and the installation it may be pinned to. */
export function engineChoice({ engine, installation }: ProfileDraft): string {
  return installation === null ? engine : `${engine}${SEPARATOR}${installation}`;
}

/** Every engine with its version in use, and each installation to pin the profile to. */
export function engineChoices(
  installations: readonly Installation[],
  draft: ProfileDraft,
  local: boolean,
): SelectOption<string>[] {
  const choices = ENGINE_IDS.flatMap((engine) =>
    engine === 'custom' ? [customChoice(local)] : choicesOf(engine, installations),
  );
  const chosen = engineChoice(draft);
  if (choices.some((choice) => choice.value === chosen)) return choices;
  return [...choices, { value: chosen, label: `${draft.installation}, removed` }];
}

function choicesOf(
  engine: ServerProfile['engine'],
  installations: readonly Installation[],
): SelectOption<string>[] {
  const own = installations.filter((one) => one.engine === engine);
  const inUse = own.find((one) => one.inUse);
  return [
    {
      value: engine,
      label: inUse ? `${engine} ${inUse.version}, in use` : `${engine}, not installed`,
      group: engine,
    },
    ...own.map((one) => ({
      value: `${engine}${SEPARATOR}${one.id}`,
      label: `Always ${engine} ${one.version}${one.origin === 'registered' ? ' (your own)' : ''}`,
      reason: one.state === 'ready' ? undefined : one.state,
      group: engine,
    })),
  ];
}

function customChoice(local: boolean): SelectOption<string> {
  return {
    value: 'custom',
    label: 'Custom command',
    reason: local ? undefined : 'desktop app and command line only',
    group: 'custom',
  };
}

/** What a choice means for the draft. */
export function chosenEngine(value: string): Pick<ProfileDraft, 'engine' | 'installation'> {
  const [name = '', installation = null] = value.split(SEPARATOR);
  const engine = ENGINE_IDS.find((id) => id === name) ?? 'mlx-lm';
  return { engine, installation };
}
