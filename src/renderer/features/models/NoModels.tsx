import { Box, SearchX } from 'lucide-react';

import { Button } from '@renderer/components/Button';
import { EmptyState } from '@renderer/components/EmptyState';
import { useIsLocal } from '@renderer/live/use-live';
import { navigate, routeHref } from '@renderer/routing/route';
import { LOCAL_ONLY } from '@renderer/text/local-only';
import { formatCount } from '@shared/format/counts';

/** Nothing but the built-in model is here. */
export function NoModels({ onAdd }: { readonly onAdd: () => void }) {
  const isLocal = useIsLocal();
  return (
    <div className="min-h-0 flex-1">
      <EmptyState
        icon={<Box size={32} strokeWidth={1.5} />}
        title="No models on this machine yet"
        actions={
          <>
            <Button kind="primary" onClick={() => navigate(routeHref('discover'))}>
              Find a model
            </Button>
            <Button writes kind="plain" reason={isLocal ? undefined : LOCAL_ONLY} onClick={onAdd}>
              Add folder…
            </Button>
          </>
        }
      >
        Models in the Hugging Face cache and in folders you add appear here automatically.
      </EmptyState>
    </div>
  );
}

interface NothingFoundProps {
  readonly count: number;
  readonly onClear: () => void;
}

/** A search and filters that leave nothing. */
export function NothingFound({ count, onClear }: NothingFoundProps) {
  return (
    <div className="min-h-0 flex-1">
      <EmptyState
        icon={<SearchX size={32} strokeWidth={1.5} />}
        title="No results"
        actions={
          <Button kind="primary" onClick={onClear}>
            Clear search and filters
          </Button>
        }
      >
        {`No match among the ${formatCount(count, 'model')} on this machine.`}
      </EmptyState>
    </div>
  );
}
