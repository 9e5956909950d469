import { useState } from 'react';

import { useLive } from '@renderer/live/use-live';
import { useRpcQuery } from '@renderer/queries/use-rpc';
import type { FitEstimate } from '@shared/domain/memory';
import type { InstallableId } from '@shared/domain/profile';
import type { SetupPlan } from '@shared/domain/setup';
import { chosenName, isSame } from './model-choice';
import { bytesToFetch, type EngineChoice, engineChoices, proposedEngine } from './proposal';
import { type ModelChoosing, useModelChoice } from './use-model-choice';

/** What a first server is proposed to be made of, and how each part is changed. */
export interface Proposal {
  readonly engines: readonly EngineChoice[];
  readonly engine: EngineChoice | undefined;
  readonly chooseEngine: (engine: InstallableId) => void;
  readonly choosing: ModelChoosing;
  /** Bytes of the model that still have to come. */
  readonly modelBytes: number | undefined;
  readonly fit: FitEstimate | undefined;
  readonly port: number | undefined;
  readonly setPort: (port: number | undefined) => void;
  readonly name: string;
  /** A person gave the name. */
  readonly isNamed: boolean;
  readonly setName: (name: string) => void;
  /** Everything is chosen. */
  readonly plan: SetupPlan | undefined;
}

export function useProposal(): Proposal {
  const [ownEngine, chooseEngine] = useState<InstallableId>();
  const [ownPort, setPort] = useState<{ value: number | undefined }>();
  const [ownName, setName] = useState<string>();
  const available = useRpcQuery('engines.available', { quick: true });
  const installations = useLive((data) => data.installations);
  const nextPort = useRpcQuery('profiles.nextPort', {});
  const choosing = useModelChoice();
  const { facts, choice } = choosing;
  const onDisk = choice && facts.models.find(({ ref }) => isSame(ref, choice.ref));
  const suggestion = choice && facts.suggested?.find(({ ref }) => isSame(ref, choice.ref));
  const fit = useRpcQuery(
    'models.fit',
    { ref: choice?.ref ?? '' },
    { enabled: choice !== undefined, keep: true },
  );
  const engines = engineChoices(available.data ?? [], installations, onDisk);
  const engine = proposedEngine(engines, ownEngine);
  const port = ownPort ? ownPort.value : nextPort.data?.port;
  const name = ownName ?? chosenName(choice, facts);
  return {
    engines,
    engine,
    chooseEngine,
    choosing,
    modelBytes: bytesToFetch(choice, facts),
    fit: fit.data ?? suggestion?.fit,
    port,
    setPort: (value) => setPort({ value }),
    name,
    isNamed: ownName !== undefined && ownName.trim() !== '',
    setName,
    plan:
      engine && choice && port !== undefined && name.trim() !== ''
        ? { engine: engine.engine, model: choice.ref, name: name.trim(), port }
        : undefined,
  };
}
