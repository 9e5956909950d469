import { Button } from '@renderer/components/Button';
import { useRpcQuery } from '@renderer/queries/use-rpc';
import type { ParserSuggestion } from '@shared/domain/parsers';
import type { OptionValue } from '@shared/domain/profile';
import type { ProfileDraft } from './draft';

interface ParserNotesProps {
  readonly draft: ProfileDraft;
  readonly onOption: (key: string, value: OptionValue) => void;
}

const LABELS = {
  'tool-call-parser': 'Tool calls',
  'reasoning-parser': 'Reasoning',
} as const;

/** Which parsers fit the model, by which evidence, with a button to take them. */
export function ParserNotes({ draft, onOption }: ParserNotesProps) {
  const { model, engine } = draft;
  const answer = useRpcQuery('models.parsers', { model, engine }, { enabled: model !== '' });
  const open = (answer.data ?? []).filter(({ byItself }) => !byItself);
  if (open.length === 0) return null;
  return (
    <ul className="space-y-1 px-0.5 text-small text-text-2">
      {open.map((one) => (
        <Note key={one.option} note={one} chosen={draft.options[one.option]} onOption={onOption} />
      ))}
    </ul>
  );
}

interface NoteProps {
  readonly note: ParserSuggestion;
  readonly chosen: OptionValue | undefined;
  readonly onOption: ParserNotesProps['onOption'];
}

function Note({ note, chosen, onOption }: NoteProps) {
  const { option, family, evidence, value } = note;
  return (
    <li className="flex flex-wrap items-center gap-x-2">
      <span>{`${LABELS[option]}: ${family} format. ${evidence}.`}</span>
      {value === undefined && <span>This engine has no parser for this format.</span>}
      {value !== undefined && value !== chosen && (
        <Button kind="plain" size="small" onClick={() => onOption(option, value)}>
          {`Use ${value}`}
        </Button>
      )}
    </li>
  );
}
