import type { Installation } from '@shared/domain/engine';
import type { Model } from '@shared/domain/model';
import { formatCount, formatDisk } from '../../components/format';
import type { SelectOption } from '../../components/Select';
import { modelName } from '../servers/server-text';
import type { ProfileDraft } from './draft';

const ORIGINS: Readonly<Record<Model['origin'], string>> = {
  'built-in': 'Built in',
  huggingface: 'Hugging Face cache',
  folder: 'Added folders',
};

function incompleteReason(model: Model): string | undefined {
  if (model.complete) return undefined;
  const missing = model.missing?.length ?? 0;
  return missing > 0 ? `incomplete: ${formatCount(missing, 'file')} missing` : 'incomplete';
}

/** Models to choose from; incomplete ones are shown with the reason and cannot be chosen. */
export function modelChoices(models: readonly Model[], chosen: string): SelectOption<string>[] {
  const choices = models.map((model) => ({
    value: model.ref,
    label: `${model.name}, ${formatDisk(model.sizeBytes)}`,
    reason: incompleteReason(model),
    group: ORIGINS[model.origin],
  }));
  if (chosen === '') return [{ value: '', label: 'Choose a model' }, ...choices];
  if (models.some((model) => model.ref === chosen)) return choices;
  return [{ value: chosen, label: `${modelName(chosen)}, not on this machine` }, ...choices];
}

const SEPARATOR = ' # ';

/** The select's value for an engine and the installation it may be pinned to. */
export function engineChoice({ engine, installation }: ProfileDraft): string {
  return installation === null ? engine : `${engine}${SEPARATOR}${installation}`;
}

/** The engine in use, and each installation to pin the profile to. */
export function engineChoices(
  installations: readonly Installation[],
  draft: ProfileDraft,
): SelectOption<string>[] {
  const inUse = installations.find((one) => one.engine === draft.engine && one.inUse);
  const choices: SelectOption<string>[] = [
    {
      value: draft.engine,
      label: inUse ? `${draft.engine} ${inUse.version}, in use` : `${draft.engine}, not installed`,
    },
    ...installations
      .filter((one) => one.engine === draft.engine)
      .map((one) => ({
        value: `${one.engine}${SEPARATOR}${one.id}`,
        label: `Always ${one.engine} ${one.version}${one.origin === 'registered' ? ' (your own)' : ''}`,
        reason: one.state === 'ready' ? undefined : one.state,
      })),
  ];
  const chosen = engineChoice(draft);
  if (choices.some((choice) => choice.value === chosen)) return choices;
  return [...choices, { value: chosen, label: `${draft.installation}, removed` }];
}

/** What a choice means for the draft. */
export function chosenInstallation(value: string): string | null {
  const at = value.indexOf(SEPARATOR);
  return at < 0 ? null : value.slice(at + SEPARATOR.length);
}
