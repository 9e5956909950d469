import type { Download } from '@shared/domain/download';
import type { HubFacts, HubModel } from '@shared/domain/hub';

import { formatDisk, formatMemory, formatNumber } from '../../components/format';
import { StateGlyph } from '../../components/StateGlyph';
import { Table, Td, Th } from '../../components/Table';
import { verdictOf } from '../memory/fit-text';
import { formatContext } from '../models/model-text';
import { DownloadCell } from './DownloadCell';
import { formatTimes, modelLine } from './hub-text';

interface DiscoverTableProps {
  readonly models: readonly HubModel[];
  readonly facts: ReadonlyMap<string, HubFacts>;
  readonly downloads: readonly Download[];
}

/** Models of the hub with what they need on this machine. */
export function DiscoverTable({ models, facts, downloads }: DiscoverTableProps) {
  const context = [...facts.values()].find(({ fit }) => fit)?.fit?.context;
  return (
    <div className="px-5">
      <Table aria-label="Models of the hub" className="table-fixed">
        <colgroup>
          <col />
          <col className="w-[84px]" />
          <col className="w-[64px]" />
          <col className="w-[112px]" />
          <col className="w-[84px]" />
          <col className="w-[220px]" />
        </colgroup>
        <thead>
          <tr>
            <Th>Model</Th>
            <Th>Size</Th>
            <Th>Context</Th>
            <Th>{context === undefined ? 'Memory' : `At ${formatNumber(context)} tokens`}</Th>
            <Th numeric>Downloads</Th>
            <Th>
              <span className="sr-only">Get it</span>
            </Th>
          </tr>
        </thead>
        <tbody>
          {models.map((model) => (
            <DiscoverRow
              key={model.ref}
              model={model}
              facts={facts.get(model.ref)}
              download={downloads.find(({ ref }) => ref === model.ref)}
            />
          ))}
        </tbody>
      </Table>
    </div>
  );
}

interface DiscoverRowProps {
  readonly model: HubModel;
  readonly facts: HubFacts | undefined;
  readonly download: Download | undefined;
}

function DiscoverRow({ model, facts, download }: DiscoverRowProps) {
  const size = facts?.sizeBytes ?? model.sizeBytes;
  const bits = facts?.bits ?? model.bits;
  return (
    <tr>
      <Td className="h-[58px]">
        <p className="truncate text-base font-semibold">{model.name}</p>
        <p className="truncate text-text-2">{modelLine(model)}</p>
      </Td>
      <Td className="tabular-nums">
        <p>{size === undefined ? '' : formatDisk(size)}</p>
        <p className="text-text-2">{bits === undefined ? '' : `${bits}-bit`}</p>
      </Td>
      <Td className="tabular-nums">{formatContext(facts?.contextLength)}</Td>
      <Td>
        <Verdict facts={facts} />
      </Td>
      <Td numeric className="tabular-nums">
        {formatTimes(model.downloads)}
      </Td>
      <Td>
        <DownloadCell model={model} facts={facts} download={download} />
      </Td>
    </tr>
  );
}

function Verdict({ facts }: { readonly facts: HubFacts | undefined }) {
  if (facts?.unusable !== undefined) return <span title={facts.unusable}>Not for MLX</span>;
  if (!facts?.fit) return null;
  const { glyph, word } = verdictOf(facts.fit);
  return (
    <>
      <p className="flex items-center gap-1.5">
        <StateGlyph glyph={glyph} size={13} /> {word}
      </p>
      <p className="pl-[19px] text-text-2 tabular-nums">{formatMemory(facts.fit.total)}</p>
    </>
  );
}
