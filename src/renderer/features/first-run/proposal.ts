import type { AvailableEngine, Installation } from '@shared/domain/engine';
import type { InstallableId } from '@shared/domain/profile';
import type { Model } from '@shared/domain/model';
import { formatDisk } from '@shared/format/bytes';

import { type Choice, type ChoiceFacts, hubRows, isSame } from './model-choice';

/** An engine that can be chosen for the first server. */
export interface EngineChoice {
  readonly engine: InstallableId;
  readonly title: string;
  readonly description: string;
  readonly version: string;
  readonly isInstalled: boolean;
  readonly isRecommended: boolean;
  /** What comes over the network, and what it then takes on the disk; absent where that is not known. */
  readonly downloadBytes?: number | undefined;
  readonly diskBytes?: number | undefined;
  /** Why it cannot run the chosen model. */
  readonly reason?: string | undefined;
}

/** `MLX LM 0.32.2`; a program of the person's own has no version that is known. */
export function engineTitle({ title, version }: EngineChoice): string {
  return version === 'registered' ? `${title}, your own` : `${title} ${version}`;
}

/** Every engine, as it would serve this model. */
export function engineChoices(
  available: readonly AvailableEngine[],
  installations: readonly Installation[],
  model: Pick<Model, 'name' | 'loaders'> | undefined,
): EngineChoice[] {
  return available.map((one) => {
    const inUse = installations.find(
      ({ engine, inUse, state }) =>
        engine === one.engine && inUse && (state === 'ready' || state === 'unknown'),
    );
    const loads = model?.loaders?.some((name) => one.loadsWith.includes(name)) ?? true;
    return {
      engine: one.engine,
      title: one.title,
      description: one.description,
      version: inUse?.version ?? one.tested,
      isInstalled: inUse !== undefined,
      isRecommended: one.recommended,
      downloadBytes: inUse ? 0 : one.downloadBytes,
      diskBytes: inUse?.sizeBytes ?? one.diskBytes,
      reason: loads ? undefined : `${one.title} can't load ${model?.name ?? 'this model'}`,
    };
  });
}

/** The person's own, where it can run the model; then one that is installed, then the recommended one. */
export function proposedEngine(
  choices: readonly EngineChoice[],
  own: InstallableId | undefined,
): EngineChoice | undefined {
  const able = choices.filter(({ reason }) => reason === undefined);
  const mine = choices.find(({ engine }) => engine === own);
  if (mine) return mine;
  const installed = able.filter(({ isInstalled }) => isInstalled);
  const recommended = (all: readonly EngineChoice[]): EngineChoice | undefined =>
    all.find(({ isRecommended }) => isRecommended) ?? all[0];
  return recommended(installed) ?? recommended(able) ?? choices[0];
}

/** The bytes that a choice still has to bring; undefined where nobody knows. */
export function bytesToFetch(choice: Choice | undefined, facts: ChoiceFacts): number | undefined {
  if (!choice) return undefined;
  if (facts.models.some(({ ref, complete }) => isSame(ref, choice.ref) && complete)) return 0;
  const row = hubRows(facts).find(({ ref }) => isSame(ref, choice.ref));
  const total = row?.download?.total || row?.suggestion?.sizeBytes;
  return total === undefined || total === 0 ? undefined : total - (row?.download?.bytes ?? 0);
}

/** `4.8 GB to download`: what the set-up brings altogether, as far as it is known. */
export function downloadSentence(
  engine: EngineChoice | undefined,
  modelBytes: number | undefined,
): string {
  const engineBytes = engine?.downloadBytes;
  const known = (engineBytes ?? 0) + (modelBytes ?? 0);
  const isWhole = engineBytes !== undefined && modelBytes !== undefined;
  if (known > 0) return `${isWhole ? '' : 'At least '}${formatDisk(known)} to download`;
  return isWhole ? 'Everything is on this machine already' : '';
}
