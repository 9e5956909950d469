import { Button } from '@renderer/components/Button';
import { ErrorBlock } from '@renderer/components/ErrorBlock';
import { type Clash, sameValue } from '@shared/domain/merge-changes';
import { PROFILE_FIELDS, type ProfileField } from '@shared/domain/profile-fields';

interface ClashesProps {
  readonly clashes: readonly Clash[];
  readonly onKeepStored: (field: string) => void;
  readonly onKeepMine: (field: string) => void;
}

/** What somebody else saved while it was edited here: both values, and the choice. */
export function Clashes({ clashes, onKeepStored, onKeepMine }: ClashesProps) {
  return clashes.map(({ field, stored, given }) => {
    const name = fieldName(field);
    return (
      <ErrorBlock
        key={field}
        tone="warning"
        className="mb-4"
        sentence={`${name} was changed elsewhere while you edited it.`}
        detail={
          <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-3">
            <dt>Saved</dt>
            <dd className="font-mono text-small">{valueText(stored)}</dd>
            <dt>Yours</dt>
            <dd className="font-mono text-small">{valueText(given)}</dd>
          </dl>
        }
        actions={
          <>
            <Button aria-label={`Keep saved: ${name}`} onClick={() => onKeepStored(field)}>
              Keep saved
            </Button>
            <Button aria-label={`Keep mine: ${name}`} onClick={() => onKeepMine(field)}>
              Keep mine
            </Button>
          </>
        }
      />
    );
  });
}

/** What people call a field; an option by its flag. */
function fieldName(field: string): string {
  const option = field.startsWith('options.') ? field.slice('options.'.length) : undefined;
  return option === undefined
    ? PROFILE_FIELDS[field as ProfileField].label
    : `The option ${option}`;
}

function valueText(value: unknown): string {
  if (value === undefined || value === null || value === '') return 'Not set';
  if (typeof value === 'boolean') return value ? 'On' : 'Off';
  return typeof value === 'object' && !sameValue(value, []) ? JSON.stringify(value) : String(value);
}
