import { createContext, type ReactNode, useContext, useId, useMemo } from 'react';

import { classNames } from './class-names';
import { StateGlyph } from './StateGlyph';

interface RowControl {
  readonly id: string;
  readonly labelId: string;
  readonly describedBy: string | undefined;
  readonly invalid: boolean;
}

const RowContext = createContext<RowControl | undefined>(undefined);

/** The row a control stands in: its label and sentences are bound to the control by themselves. */
export function useRowControl(): RowControl | undefined {
  return useContext(RowContext);
}

/** The attributes that bind an element to its row; an `aria-label` of its own wins. */
export function useControlProps(ownLabel?: string): {
  id?: string;
  'aria-label'?: string;
  'aria-describedby'?: string;
  'aria-invalid'?: true;
} {
  const row = useRowControl();
  return {
    ...(row ? { id: row.id } : {}),
    ...(ownLabel ? { 'aria-label': ownLabel } : {}),
    ...(row?.describedBy ? { 'aria-describedby': row.describedBy } : {}),
    ...(row?.invalid ? { 'aria-invalid': true as const } : {}),
  };
}

interface FormGroupProps {
  readonly title?: ReactNode;
  /** A sentence below the group. */
  readonly note?: ReactNode;
  readonly children: ReactNode;
  readonly className?: string;
}

/** Rows on one filled group with hairlines between them. */
export function FormGroup({ title, note, children, className }: FormGroupProps) {
  const titleId = useId();
  return (
    <section aria-labelledby={title ? titleId : undefined} className={className}>
      {title && (
        <h3 id={titleId} className="mb-1.5 px-0.5 text-small font-semibold text-text-2">
          {title}
        </h3>
      )}
      <div className="rounded-group bg-bg-group px-3 [&>*+*]:border-t [&>*+*]:border-sep">
        {children}
      </div>
      {note && <p className="mt-1.5 px-0.5 text-caption text-text-3">{note}</p>}
    </section>
  );
}

interface FormRowProps {
  readonly label: ReactNode;
  readonly hint?: ReactNode;
  /** What is wrong with the value, as a sentence. */
  readonly problem?: ReactNode;
  /** What a person should know about the value, though it is taken. */
  readonly warning?: ReactNode;
  /** A button that mends it, beside the control. */
  readonly fix?: ReactNode;
  /** Names the row for `?field=` links. */
  readonly field?: string;
  /** The control below the label, over the whole width. */
  readonly stacked?: boolean;
  readonly children: ReactNode;
}

/** Label and hint on the left, one control on the right, the problem below. */
export function FormRow(props: FormRowProps) {
  const { label, hint, problem, warning, fix, field, stacked, children } = props;
  const id = useId();
  const described = [hint ? `${id}-hint` : '', problem || warning ? `${id}-problem` : '']
    .filter(Boolean)
    .join(' ');
  const invalid = Boolean(problem);
  const control = useMemo(
    () => ({ id, labelId: `${id}-label`, describedBy: described || undefined, invalid }),
    [id, described, invalid],
  );
  return (
    <div data-field={field} className="py-1.5">
      <div
        className={
          stacked
            ? 'flex flex-col gap-1.5 py-1'
            : 'flex min-h-7 items-center justify-between gap-x-4'
        }
      >
        <div className={classNames('min-w-0', !stacked && 'min-w-20 flex-1')}>
          <label id={`${id}-label`} htmlFor={id} className="block text-base">
            {label}
          </label>
          {hint && (
            <p id={`${id}-hint`} className="text-caption text-text-3">
              {hint}
            </p>
          )}
        </div>
        <div
          className={stacked ? 'w-full' : 'flex max-w-[72%] min-w-0 items-center justify-end gap-2'}
        >
          {fix}
          <RowContext value={control}>{children}</RowContext>
        </div>
      </div>
      {(problem || warning) && (
        <p
          id={`${id}-problem`}
          className={classNames(
            'mt-1 flex items-start justify-end gap-1.5 text-caption',
            problem ? 'text-broken-text' : 'text-warning-text',
          )}
        >
          <StateGlyph glyph={problem ? 'failed' : 'degraded'} size={11} className="mt-px" />
          <span className="line-clamp-3 wrap-anywhere">{problem || warning}</span>
        </p>
      )}
    </div>
  );
}
