import type { ReactNode } from 'react';

import { isAllowedExternalLink } from '@shared/domain/external-links';
import { useCopied } from './CopyButton';
import { isDesktop } from './platform';

interface ExternalLinkProps {
  readonly href: string;
  readonly children: ReactNode;
  readonly className?: string;
  readonly 'aria-label'?: string;
}

const COPIED = {
  idle: '',
  copied: ' (address copied)',
  refused: ' (couldn’t copy the address)',
} as const;

/**
 * A link to the web. It opens beside the screens and tells the other side nothing of them. The desktop
 * application opens a few hosts alone: of others it copies the address, and says so.
 */
export function ExternalLink({ href, children, className, ...rest }: ExternalLinkProps) {
  const [state, copy] = useCopied();
  const look = className ?? 'text-accent-text underline';
  if (isDesktop() && !isAllowedExternalLink(href)) {
    return (
      <button
        type="button"
        {...rest}
        title={`Copy the address ${href}`}
        onClick={() => copy(href)}
        className={look}
      >
        {children}
        <span role="status">{COPIED[state]}</span>
      </button>
    );
  }
  return (
    <a
      {...rest}
      href={href}
      title={href}
      target="_blank"
      rel="noopener noreferrer"
      referrerPolicy="no-referrer"
      className={look}
    >
      {children}
    </a>
  );
}
