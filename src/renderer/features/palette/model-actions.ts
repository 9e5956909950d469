import { bulkActions, type ModelInUse } from '@renderer/domain/models/bulk';
import {
  deleteLabel,
  deleteReason,
  profileReason,
  repairReason,
  verifyReason,
} from '@renderer/domain/models/model-rules';
import { routeHref } from '@renderer/routing/route';
import { DESKTOP_ONLY } from '@renderer/text/local-only';
import { shortName } from '@renderer/text/model-text';
import { formatDisk } from '@shared/format/bytes';
import type { PaletteAction } from './palette-action';

/** The model in front, and what is going on with its files. */
export type ChosenModel = ModelInUse;

/** What can be done with all models that are chosen together. */
export function selectedActions(selected: readonly ChosenModel[]): PaletteAction[] {
  return bulkActions(selected).map(({ verb, label, reason }) => ({
    id: `selected:${verb}`,
    label,
    group: 'Models',
    fact: 'selected',
    ...(reason === undefined ? {} : { reason }),
  }));
}

/** What the inspector of a model has as buttons. */
export function chosenActions({ model, use }: ChosenModel, isDesktop: boolean): PaletteAction[] {
  const { ref, state } = model;
  const name = shortName(model);
  const action = (
    verb: string,
    label: string,
    reason: string | undefined,
    fact?: string,
  ): PaletteAction => ({
    id: `${verb}:${ref}`,
    label,
    group: 'Models',
    show: routeHref('models', [ref]),
    ...(fact === undefined ? {} : { fact }),
    ...(reason === undefined ? {} : { reason }),
  });
  const gone = state === 'unmounted' ? profileReason(model) : undefined;
  return [
    action('new-of', `New profile with ${name}`, profileReason(model)),
    action('verify', `Verify ${name}`, verifyReason(model, use)),
    ...(state === 'damaged' ? [action('repair', `Repair ${name}`, repairReason(model, use))] : []),
    action('reveal', `Reveal ${name}`, isDesktop ? gone : DESKTOP_ONLY),
    action(
      'delete-model',
      deleteLabel(model, name),
      deleteReason(model, use),
      formatDisk(model.sizeBytes),
    ),
  ];
}

/** The verification of every other model: each is found by its name. */
export function verifyActions(
  models: readonly ChosenModel[],
  chosen: ChosenModel | undefined,
): PaletteAction[] {
  return models
    .filter(({ model }) => model.ref !== chosen?.model.ref)
    .map(({ model, use }) => {
      const reason = verifyReason(model, use);
      return {
        id: `verify:${model.ref}`,
        label: `Verify ${shortName(model)}`,
        group: 'Models',
        named: true,
        show: routeHref('models', [model.ref]),
        ...(reason === undefined ? {} : { reason }),
      };
    });
}
