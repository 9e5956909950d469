import { Button } from '@renderer/components/Button';
import { formatCount } from '@shared/format/counts';
import type { Check } from './use-check';

interface SaveBarProps {
  readonly check: Check;
  readonly saveLabel: string;
  readonly cancelLabel: string;
  readonly busy: boolean;
  /** Fields that nobody has touched: what they lack is no mistake yet. */
  readonly untouched?: ReadonlySet<string>;
  /** Why there is nothing to save or cancel. */
  readonly idle?: string | undefined;
  /** Why it cannot be saved yet, though it can be given up. */
  readonly blocked?: string | undefined;
  readonly onSave: () => void;
  readonly onCancel: () => void;
}

/** `1 field to correct`, Cancel and Save. */
export function SaveBar(props: SaveBarProps) {
  const { check, saveLabel, cancelLabel, busy, idle, blocked, untouched, onSave, onCancel } = props;
  const fields = [...new Set(check.problems.map((problem) => problem.field))];
  const missing = fields.filter((field) => untouched?.has(field));
  const wrong = fields.length - missing.length;
  const sentence = blocked ?? (wrong > 0 ? `${formatCount(wrong, 'field')} to correct` : '');
  const unchecked = check.current ? undefined : 'Checking…';
  const waits = missing.length > 0 ? `Enter a ${missing.join(' and a ')} first` : undefined;
  return (
    <div className="flex shrink-0 items-center gap-2">
      <span role="status" className="text-small text-broken-text">
        {sentence}
      </span>
      <Button reason={idle} onClick={onCancel}>
        {cancelLabel}
      </Button>
      <Button
        writes
        kind="primary"
        busy={busy}
        reason={idle ?? (sentence || waits || unchecked)}
        onClick={onSave}
      >
        {saveLabel}
      </Button>
    </div>
  );
}
