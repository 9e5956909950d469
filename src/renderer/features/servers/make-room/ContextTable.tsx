import { Button } from '@renderer/components/Button';
import { Section } from '@renderer/components/Pane';
import { StateGlyph } from '@renderer/components/StateGlyph';
import { Table, Td, Th } from '@renderer/components/Table';
import { verdictOf } from '@renderer/text/fit-text';
import type { ContextFit, FitReport } from '@shared/domain/memory';
import { atLeastATenth } from '@shared/domain/memory-labels';
import { formatMemory } from '@shared/format/bytes';
import { formatNumber } from '@shared/format/counts';

interface ContextTableProps {
  readonly report: FitReport;
  readonly busy: boolean;
  readonly onUse: (context: number) => void;
}

const TONES: Readonly<Record<ContextFit['verdict'], string>> = {
  fits: 'text-ready-text',
  tight: 'text-warning-text',
  no: 'text-text-2',
};

/** What the profile needs with shorter contexts; each can be used at once. */
export function ContextTable({ report, busy, onUse }: ContextTableProps) {
  const { contexts, longestContext } = report;
  return (
    <Section
      title={report.stoppable.length > 0 ? 'Or a shorter context' : 'A shorter context'}
      right={
        longestContext === undefined
          ? 'No context length fits unless you stop a server'
          : `Fits without stopping anything up to ${formatNumber(longestContext)} tokens`
      }
    >
      <Table>
        <thead>
          <tr>
            <Th>Context, tokens</Th>
            <Th numeric>Needs</Th>
            <Th numeric>Left over</Th>
            <Th className="pl-5 narrow:pl-2">Fit</Th>
            <Th>
              <span className="sr-only">Action</span>
            </Th>
          </tr>
        </thead>
        <tbody className="[&>tr:last-child>td]:border-0">
          {contexts.map((one, index) => (
            <ContextRow
              key={one.context}
              one={one}
              isSet={index === 0}
              busy={busy}
              onUse={() => onUse(one.context)}
            />
          ))}
        </tbody>
      </Table>
    </Section>
  );
}

/** `−4.0 GiB` where so much is missing: never zero, since it is not enough. */
function leftText(bytes: number): string {
  return bytes < 0 ? `−${formatMemory(atLeastATenth(-bytes))}` : formatMemory(bytes);
}

interface ContextRowProps {
  readonly one: ContextFit;
  readonly isSet: boolean;
  readonly busy: boolean;
  readonly onUse: () => void;
}

function ContextRow({ one, isSet, busy, onUse }: ContextRowProps) {
  const { glyph, label } = verdictOf(one);
  return (
    <tr>
      <Td className="h-9 text-base">
        {formatNumber(one.context)}
        {isSet && <span className="text-small text-text-2"> current</span>}
      </Td>
      <Td numeric>{formatMemory(one.total)}</Td>
      <Td numeric>{leftText(one.leftOver)}</Td>
      <Td className="pl-5 narrow:pl-2">
        <span className={`flex items-center gap-1.5 whitespace-nowrap ${TONES[one.verdict]}`}>
          <StateGlyph glyph={glyph} size={12} />
          {label}
        </span>
      </Td>
      <Td className="text-right">
        {!isSet && (
          <Button
            writes
            size="small"
            aria-label={`Use and start with ${formatNumber(one.context)} tokens`}
            reason={(one.verdict === 'no' && "Doesn't fit either") || (busy && 'Starting…')}
            onClick={onUse}
          >
            Use and start
          </Button>
        )}
      </Td>
    </tr>
  );
}
