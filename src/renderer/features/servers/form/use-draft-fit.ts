import { useMemo } from 'react';

import { useDebouncedValue } from '@renderer/components/use-debounced-value';
import { useIsLocal } from '@renderer/live/use-live';
import { useRpcQuery } from '@renderer/queries/use-rpc';
import type { FitReport } from '@shared/domain/memory';
import { draftValues, type ProfileDraft } from './draft';

export interface DraftFit {
  /** Null where nobody can tell; undefined before the first answer. */
  readonly report: FitReport | null | undefined;
  /** The report is of what stood in the form a moment ago. */
  readonly isStale: boolean;
  readonly error: Error | null;
}

/** So short that the sum seems to follow each key, ms. */
const PAUSE_MS = 60;

/** What the draft would need, asked again after each change. */
export function useDraftFit(draft: ProfileDraft, profileId: string | undefined): DraftFit {
  const local = useIsLocal();
  const settled = useDebouncedValue(draft, PAUSE_MS);
  const input = useMemo(
    () => ({ ...(profileId ? { profileId } : {}), draft: draftValues(settled, local) }),
    [settled, profileId, local],
  );
  const asks = draft.model !== '';
  const answer = useRpcQuery('profiles.fitDraft', input, { keep: true, enabled: asks });
  return {
    report: asks ? answer.data : null,
    isStale: asks && (settled !== draft || answer.isPlaceholderData),
    error: asks ? answer.error : null,
  };
}
