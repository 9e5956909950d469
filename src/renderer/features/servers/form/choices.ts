import type { SelectOption } from '@renderer/components/Select';
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
  huggingface: 'Hugging Face cache',
  lmstudio: 'LM Studio',
  omlx: 'oMLX',
  ollama: 'Ollama',
  folder: 'Added folders',
};

function incompleteReason(model: Model): string | undefined {
  if (model.complete || model.wholeWeights) return undefined;
  if (model.state === 'unmounted') return `${model.disk ?? 'its disk'} isn’t mounted`;
  if (model.state === 'unusable') return 'no engine can load it';
  if (model.state === 'damaged') return 'damaged: verify or repair it in Models';
  const missing = model.missing?.length ?? 0;
  return missing > 0 ? `incomplete: ${formatCount(missing, 'file')} missing` : 'incomplete';
}

/** Models to choose from; incomplete ones are shown with the reason and cannot be chosen. */
export function modelChoices(
  models: readonly Model[],
  chosen: string,
  mayBeNone = false,
): SelectOption<string>[] {
  const choices = models.map((model) => ({
    value: model.ref,
    label: `${model.name}, ${formatDisk(model.sizeBytes)}`,
    reason: incompleteReason(model),
    group: ORIGINS[model.origin],
  }));
  if (mayBeNone || chosen === 'none') {
    choices.unshift({
      value: 'none',
      label: 'None (the command loads its own)',
      reason: undefined,
      group: '',
    });
    if (chosen === 'none') return choices;
  }
  if (chosen === '') return [{ value: '', label: 'Choose a model' }, ...choices];
  if (models.some((model) => model.ref === chosen)) return choices;
  return [{ value: chosen, label: `${modelName(chosen)}, not on this machine` }, ...choices];
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
