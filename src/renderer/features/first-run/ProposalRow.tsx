import { type ReactNode, useId } from 'react';

import { Button } from '@renderer/components/Button';

interface ProposalRowProps {
  readonly icon: ReactNode;
  /** `Engine`, `Model`, `Server`. */
  readonly label: string;
  readonly title: ReactNode;
  readonly about: ReactNode;
  /** A number, and what is said of it below. */
  readonly amount?: ReactNode;
  readonly note?: ReactNode;
  /** What there is to choose from, below the row while it is open. */
  readonly choices: ReactNode;
  readonly isOpen: boolean;
  readonly onToggle: () => void;
}

/** One part of what is proposed: what it is, what it takes, and the way to another one. */
export function ProposalRow(props: ProposalRowProps) {
  const { icon, label, title, about, amount, note, choices, isOpen, onToggle } = props;
  const id = useId();
  return (
    <section aria-label={label} className="py-2.5">
      <div className="flex min-h-11 items-center gap-3.5">
        <span aria-hidden="true" className="shrink-0 text-text-2">
          {icon}
        </span>
        <div className="flex min-w-0 flex-1 items-center gap-4 max-[719px]:flex-col max-[719px]:items-stretch max-[719px]:gap-1">
          <div className="flex min-w-0 flex-1 gap-3.5">
            <h3 className="w-[46px] shrink-0 pt-px text-small text-text-2">{label}</h3>
            <div className="min-w-0 flex-1">
              <p className="flex min-w-0 items-center gap-2 font-semibold">{title}</p>
              <p className="text-small text-text-2">{about}</p>
            </div>
          </div>
          {(amount || note) && (
            <div className="shrink-0 text-right max-[719px]:pl-[60px] max-[719px]:text-left">
              <p className="font-semibold">{amount}</p>
              <p className="text-small text-text-2">{note}</p>
            </div>
          )}
        </div>
        <Button
          aria-expanded={isOpen}
          aria-controls={id}
          aria-label={isOpen ? `Close ${label.toLowerCase()}` : `Change ${label.toLowerCase()}`}
          onClick={onToggle}
        >
          {isOpen ? 'Close' : 'Change…'}
        </Button>
      </div>
      <div id={id} hidden={!isOpen} className="pt-2 pb-1 pl-[30px]">
        {isOpen && choices}
      </div>
    </section>
  );
}
