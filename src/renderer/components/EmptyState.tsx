import type { ReactNode } from 'react';

interface EmptyStateProps {
  /** An icon of 32 px. */
  readonly icon: ReactNode;
  readonly title: string;
  /** One sentence. */
  readonly children?: ReactNode;
  /** One primary button, at most one plain one beside it. */
  readonly actions?: ReactNode;
}

/** What this place is and the one thing to do next. */
export function EmptyState({ icon, title, children, actions }: EmptyStateProps) {
  return (
    <div className="flex h-full min-h-56 flex-col items-center justify-center p-6">
      <div className="flex w-[360px] max-w-full flex-col items-center text-center">
        <span className="text-text-3">{icon}</span>
        <h2 className="mt-2.5 text-toolbar font-semibold">{title}</h2>
        {children && <p className="mt-1.5 text-base text-text-2">{children}</p>}
        {actions && <div className="mt-3.5 flex items-center gap-2">{actions}</div>}
      </div>
    </div>
  );
}
