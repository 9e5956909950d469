import { useClient } from '@renderer/api/api-context';
import { movedIds, placedIds } from '@renderer/components/row-order';
import { useLive } from '@renderer/live/use-live';
import { toErrorBody, useProblemStore } from './problems';

export interface Reorder {
  /** Moves a profile up or down in everyone's list. */
  readonly move: (profileId: string, step: -1 | 1) => Promise<void>;
  /** Puts it at a place among the profiles that are shown. */
  readonly place: (profileId: string, index: number, shown: readonly string[]) => Promise<void>;
}

/** Changes the order of the profiles; what is refused is shown in the profile's detail. */
export function useReorder(): Reorder {
  const client = useClient();
  const problems = useProblemStore();
  const ids = useLive((data) => data.profiles.map((profile) => profile.id));
  const send = async (
    profileId: string,
    profileIds: readonly string[] | undefined,
  ): Promise<void> => {
    if (!profileIds) return;
    try {
      await client.call('profiles.reorder', { profileIds: [...profileIds] });
    } catch (error) {
      problems.setState({ [profileId]: toErrorBody(error) });
    }
  };
  return {
    move: (profileId, step) => send(profileId, movedIds(ids, profileId, step)),
    place: (profileId, index, shown) => send(profileId, placedIds(ids, shown, profileId, index)),
  };
}
