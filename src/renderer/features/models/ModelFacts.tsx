import { Fragment, type ReactNode } from 'react';

import { type Fact, Facts } from '@renderer/components/Facts';
import type { Activity } from '@renderer/domain/models/use-in-use';
import { useRpcQuery } from '@renderer/queries/use-rpc';
import {
  architectureText,
  lastUsedText,
  quantisationText,
  templateText,
} from '@renderer/text/model-text';
import type { Capability } from '@shared/domain/engine';
import type { Model } from '@shared/domain/model';
import { formatDisk } from '@shared/format/bytes';
import { formatNumber } from '@shared/format/counts';
import { formatDate } from '@shared/format/dates';
import { FilesFact } from './FilesFact';

/** What an engine must be able to do to run a model of a kind. */
const NEEDS: Partial<Readonly<Record<NonNullable<Model['kind']>, Capability>>> = {
  text: 'text',
  vision: 'vision',
  embedding: 'embeddings',
  audio: 'audio',
};

/** Engines that run models of its kind, installed or not. */
function useEngines({ kind = 'text', loaders }: Model): ReactNode {
  const engines = useRpcQuery('engines.available', { quick: true });
  const need = NEEDS[kind];
  if (!need || !engines.data) return undefined;
  const able = engines.data.filter(
    ({ capabilities, loadsWith }) =>
      capabilities.includes(need) &&
      (loaders === undefined || loadsWith.some((one) => loaders.includes(one))),
  );
  return able.map(({ engine }, index) => (
    <Fragment key={engine}>
      <span className="whitespace-nowrap">
        {engine}
        {index < able.length - 1 && ','}
      </span>{' '}
    </Fragment>
  ));
}

function codeText({ needsCode, code = [] }: Model): string | undefined {
  if (needsCode) return ['Wants to run its own code', ...code].join(', ');
  return code.length > 0 ? `Comes with ${code.join(', ')}; it is not run` : undefined;
}

interface ModelFactsProps {
  readonly model: Model;
  readonly activity: Activity;
}

/** What the model's own files say of it. */
export function ModelFacts({ model, activity }: ModelFactsProps) {
  const engines = useEngines(model);
  const { contextLength, modifiedAt, lastUsedAt } = model;
  const isRunning = model.usedBy.some((name) => activity.running.has(name));
  const known: [string, ReactNode][] = [
    ['Size on disk', formatDisk(model.sizeBytes)],
    ['Architecture', architectureText(model)],
    ['Quantization', quantisationText(model)],
    ['Context', contextLength === undefined ? undefined : `${formatNumber(contextLength)} tokens`],
    ['Chat template', templateText(model)],
    ['Engines', model.state === 'unusable' ? undefined : engines],
    ['Custom code', codeText(model)],
    ['Changed', modifiedAt && formatDate(modifiedAt)],
    ['Last used', lastUsedText(lastUsedAt, isRunning, Date.now())],
  ];
  const facts: Fact[] = known.flatMap(([label, value]) => (value ? [{ label, value }] : []));
  const files = { label: 'Files', value: <FilesFact model={model} activity={activity} /> };
  return <Facts facts={[files, ...facts]} />;
}
