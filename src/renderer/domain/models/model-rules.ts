import { shortName } from '@renderer/text/model-text';
import type { Model } from '@shared/domain/model';
import { formatDisk } from '@shared/format/bytes';
import { formatCount } from '@shared/format/counts';

/** What is going on with a model's files at this moment. */
export interface InUse {
  /** Names of the profiles whose servers run it. */
  readonly running: readonly string[];
  readonly downloading: boolean;
  readonly verifying: boolean;
}

/** `A`, `A and B`, `A, B and C`. */
export function listed(names: readonly string[]): string {
  const last = names.at(-1) ?? '';
  return names.length < 2 ? last : `${names.slice(0, -1).join(', ')} and ${last}`;
}

function busyReason(use: InUse, verb: string): string | undefined {
  if (use.running.length > 0) {
    return `Stop ${listed(use.running)} before ${verb} this model.`;
  }
  if (use.downloading) return `Cancel the download before ${verb} this model.`;
  if (use.verifying) return `Cancel the verification before ${verb} this model.`;
}

function placeReason(model: Model): string | undefined {
  if (model.origin === 'built-in') return 'Part of MLX Manager.';
  if (model.state === 'unmounted') return `${model.disk ?? 'Its disk'} isn’t mounted.`;
  if (model.origin === 'ollama') return 'Managed by Ollama. Change it there.';
}

/** Why a model cannot be deleted now. */
export function deleteReason(model: Model, use: InUse): string | undefined {
  return placeReason(model) ?? busyReason(use, 'deleting');
}

/** Why bad files cannot be fetched again now. */
export function repairReason(model: Model, use: InUse): string | undefined {
  if (model.hubRef === undefined) {
    return "Not from Hugging Face, so it can't be downloaded again.";
  }
  return placeReason(model) ?? busyReason(use, 'repairing');
}

/** Why its files cannot be read now. */
export function verifyReason(model: Model, use: InUse): string | undefined {
  if (model.state === 'unmounted' || model.origin === 'ollama') return placeReason(model);
  if (use.downloading) return 'The download verifies every file.';
}

/** Why no profile can be made of it. */
export function profileReason(model: Model): string | undefined {
  // A start of it may be forced.
  if (model.wholeWeights) return undefined;
  switch (model.state) {
    case 'complete':
      return undefined;
    case 'incomplete':
      return 'Some files are missing.';
    case 'damaged':
      return 'Some files are damaged. Repair the model first.';
    case 'unmounted':
      return `${model.disk ?? 'Its disk'} isn’t mounted.`;
    case 'unusable':
      return model.unusable ?? 'No engine can load this model.';
  }
}

/** What a person would be asked about before a model goes. */
export interface DeleteQuestion {
  readonly title: string;
  readonly sentences: readonly string[];
}

/**
 * What a deletion would lose for good; undefined where nothing is lost. Then the model is deleted without a
 * question, and the undo is enough.
 */
export function deleteQuestion(model: Model): DeleteQuestion | undefined {
  const { usedBy, hubRef, copies, sizeBytes, state } = model;
  const isOnly = hubRef === undefined && !copies?.length && state !== 'incomplete';
  if (usedBy.length === 0 && !isOnly) return undefined;
  const used = usedBy.length > 0 ? `, used by ${formatCount(usedBy.length, 'profile')}` : '';
  return {
    title: `Delete ${shortName(model)}: ${formatDisk(sizeBytes)}${used}`,
    sentences: [
      ...(usedBy.length > 0 ? [`${listed(usedBy)} can't start without this model.`] : []),
      isOnly
        ? "It isn't from Hugging Face, and this is the only copy. After the undo period it's gone for good."
        : copies?.length
          ? 'Another copy of the same weights stays on disk.'
          : 'You can download it again from Hugging Face.',
    ],
  };
}

/** The button, or with the model's name an entry of a list: an ellipsis where a question follows. */
export function deleteLabel(model: Model, name?: string): string {
  const label = name === undefined ? 'Delete' : `Delete ${name}`;
  return deleteQuestion(model) ? `${label}…` : label;
}
