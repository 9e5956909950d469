import { type ReactNode, useEffect, useId, useRef } from 'react';

import { Button } from './Button';
import { ErrorBlock } from './ErrorBlock';
import { useModal } from './modal-count';

interface DialogProps {
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
  readonly title: string;
  readonly children: ReactNode;
  /** Buttons, the confirming one last. */
  readonly actions?: ReactNode;
  readonly width?: string;
}

/** A modal dialog: the platform's own element, which keeps focus inside and closes with Esc. */
export function Dialog({
  open,
  onOpenChange,
  title,
  children,
  actions,
  width = 'w-[420px]',
}: DialogProps) {
  const ref = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  useEffect(() => {
    if (open && !ref.current?.open) {
      ref.current?.showModal();
      // Else the first control has it, which may be a list that scrolls.
      ref.current?.querySelector<HTMLElement>('[data-first-focus]')?.focus();
    }
    if (!open && ref.current?.open) ref.current.close();
  }, [open]);
  useModal(open);
  if (!open) return null;
  return (
    <dialog
      ref={ref}
      aria-labelledby={titleId}
      onCancel={(event) => {
        event.preventDefault();
        onOpenChange(false);
      }}
      className={`m-auto max-w-[calc(100vw-40px)] animate-pop rounded-palette bg-bg-pop p-5 text-text-1 shadow-palette ${width}`}
    >
      <h2 id={titleId} className="text-toolbar font-semibold wrap-anywhere">
        {title}
      </h2>
      <div className="mt-2 text-base wrap-anywhere text-text-2">{children}</div>
      {actions && <div className="mt-5 flex justify-end gap-2">{actions}</div>}
    </dialog>
  );
}

interface ConfirmDialogProps {
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
  readonly title: string;
  /** What is lost and what stays, in numbers and names. */
  readonly children: ReactNode;
  /** Verb and object, e.g. `Delete Phi 4`. */
  readonly confirmLabel: string;
  readonly onConfirm: () => void;
  readonly danger?: boolean;
  readonly busy?: boolean;
  /** Why the last try did not work. */
  readonly problem?: string | undefined;
}

/** Asks once before something is lost. Cancel has the focus. */
export function ConfirmDialog({
  open,
  onOpenChange,
  title,
  children,
  confirmLabel,
  onConfirm,
  danger = true,
  busy = false,
  problem,
}: ConfirmDialogProps) {
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      title={title}
      actions={
        <>
          <Button data-first-focus="" onClick={() => onOpenChange(false)}>
            Cancel
          </Button>
          <Button
            writes
            kind={danger ? 'danger' : 'primary'}
            busy={busy}
            onClick={onConfirm}
            className="min-w-0 shrink!"
          >
            <span className="truncate">{confirmLabel}</span>
          </Button>
        </>
      }
    >
      {children}
      {problem && <ErrorBlock className="mt-3" sentence={problem} />}
    </Dialog>
  );
}
