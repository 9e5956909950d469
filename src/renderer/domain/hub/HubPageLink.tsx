import { ExternalLink as ExternalLinkIcon } from 'lucide-react';

import { ExternalLink } from '@renderer/components/ExternalLink';
import { useAccount } from './HubAccount';

interface HubPageLinkProps {
  /** Its name on the hub. */
  readonly hubRef: string;
  readonly name: string;
}

/** The page of a model on the hub, as a button of an inspector's toolbar. */
export function HubPageLink({ hubRef, name }: HubPageLinkProps) {
  const endpoint = useAccount().data?.endpoint;
  if (endpoint === undefined) return null;
  return (
    <ExternalLink
      href={`${endpoint}/${hubRef}`}
      aria-label={`Open the page of ${name}`}
      className="inline-flex size-7 items-center justify-center rounded-button text-text-2 hover:bg-fill-2"
    >
      <ExternalLinkIcon aria-hidden="true" size={16} strokeWidth={1.5} />
    </ExternalLink>
  );
}
