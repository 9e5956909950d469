import { copyText } from '@renderer/components/CopyButton';
import type { MenuItem } from '@renderer/components/Menu';
import type { BulkAction } from '@renderer/domain/models/bulk';
import { useDeleteModel } from '@renderer/domain/models/DeletionHost';
import {
  deleteLabel,
  deleteReason,
  profileReason,
  repairReason,
  verifyReason,
} from '@renderer/domain/models/model-rules';
import {
  type Activity,
  downloadOf,
  inUseOf,
  verificationOf,
} from '@renderer/domain/models/use-in-use';
import { useLive } from '@renderer/live/use-live';
import { useAttempt } from '@renderer/queries/use-attempt';
import { navigate, routeHref } from '@renderer/routing/route';
import { DESKTOP_ONLY } from '@renderer/text/local-only';
import type { Model } from '@shared/domain/model';

type Items = readonly (MenuItem | 'separator')[];

interface ModelMenus {
  /** What the details of a model offer, but for its download: that has a menu of its own. */
  readonly menuOf: (model: Model) => Items;
  /** Why the last of these was refused. */
  readonly problem: string | undefined;
}

/** Several models that are chosen together. */
interface Several {
  readonly models: readonly Model[];
  readonly actions: readonly BulkAction[];
  readonly onAction: (action: BulkAction) => void;
}

/**
 * What can be done with the models of a list by a right click on one of them: where it is chosen together with others,
 * with all of them.
 */
export function useModelMenu(activity: Activity, several: Several): ModelMenus {
  const { attempt, problem } = useAttempt();
  const remove = useDeleteModel();
  const isDesktop = useLive((data) => data.desktop !== null);

  /** Its look at every byte: to be begun, or broken off. */
  const verification = (model: Model): MenuItem => {
    const { ref, verified } = model;
    if (verificationOf(model, activity)) {
      return {
        label: 'Cancel verification',
        writes: true,
        onSelect: () => attempt((client) => client.call('models.cancelVerify', { ref })),
      };
    }
    return {
      label: verified ? 'Verify again' : 'Verify',
      reason: verifyReason(model, inUseOf(model, activity)),
      writes: true,
      onSelect: () => attempt((client) => client.call('models.verify', { ref })),
    };
  };

  /** What makes it whole; nothing where it is, or where its download is under way. */
  const mend = (model: Model): MenuItem[] => {
    const { ref, state, hubRef, revision } = model;
    if (state === 'damaged') {
      return [
        {
          label: 'Repair',
          reason: repairReason(model, inUseOf(model, activity)),
          writes: true,
          onSelect: () => attempt((client) => client.call('models.repair', { ref })),
        },
      ];
    }
    if (state !== 'incomplete' || hubRef === undefined || downloadOf(model, activity)) return [];
    const wanted = { ref: hubRef, ...(revision === undefined ? {} : { revision }) };
    return [
      {
        label: 'Resume',
        writes: true,
        onSelect: () => attempt((client) => client.call('downloads.start', wanted)),
      },
    ];
  };

  const chosen = new Set(several.models.map(({ ref }) => ref));
  const ofAll: Items = several.actions.flatMap((action): (MenuItem | 'separator')[] => {
    const { verb, label, reason } = action;
    const item = { label, reason, writes: true, onSelect: () => several.onAction(action) };
    if (verb !== 'delete') return [item];
    const copy = {
      label: `Copy ${several.models.length} paths`,
      onSelect: () => attempt(() => copyText(several.models.map((one) => one.path).join('\n'))),
    };
    return ['separator', copy, 'separator', { ...item, danger: true }];
  });

  const menuOf = (model: Model): Items => {
    const { ref, path, state } = model;
    if (chosen.size > 1 && chosen.has(ref)) return ofAll;
    const lacking = profileReason(model);
    return [
      {
        label: 'New profile',
        reason: lacking,
        onSelect: () => navigate(routeHref('servers', ['new'], { model: ref })),
      },
      ...mend(model),
      verification(model),
      'separator',
      {
        label: 'Reveal',
        reason: isDesktop ? state === 'unmounted' && lacking : DESKTOP_ONLY,
        onSelect: () => attempt((client) => client.call('models.reveal', { ref })),
      },
      { label: 'Copy path', onSelect: () => attempt(() => copyText(path)) },
      'separator',
      {
        label: deleteLabel(model),
        danger: true,
        reason: deleteReason(model, inUseOf(model, activity)),
        writes: true,
        onSelect: () => remove(model),
      },
    ];
  };
  return { menuOf, problem };
}
