import { access, constants } from 'node:fs/promises';
import path from 'node:path';
import type { HostCheck } from '@shared/domain/cluster';
import type { Installation } from '@shared/domain/engine';
import type { ServerProfile } from '@shared/domain/profile';
import { DomainError } from '@shared/errors';
import type { ServerFailure } from '@shared/domain/server';
import type { PlanResult, PlanSources, RunPlan } from './plan';
import { toError } from '../../failures/convert';
import {
  addressUnusable,
  engineCannotRun,
  engineMissing,
  machinesNotReady,
  modelIncomplete,
  modelMissing,
  needsOtherEngine,
  programMissing,
} from '../../failures/plan-failures';
import { portTaken } from '../../failures/port-taken';
import { enginesLoadingWith } from '../../engines/adapters';
import type { EngineAdapter } from '../../engines/adapters/adapter';
import { safeModeOptions } from '../../engines/options/safe-mode';

/** How a run was asked for. */
export interface PlanOptions {
  readonly safeMode: boolean;
  /** Also with a model of which something beside its weights is missing or damaged. */
  readonly force?: boolean;
}

/** Gathers a run, or says at once why it cannot work: engine, model or port. */
export async function planRun(
  profile: ServerProfile,
  sources: PlanSources,
  { safeMode, force = false }: PlanOptions = { safeMode: false },
): Promise<PlanResult> {
  const adapter = sources.adapterFor(profile);
  // Side by side, since a crashed server waits for it; the first that is missing is the one to tell.
  const [program, model, port] = await Promise.all([
    findProgram(profile, sources),
    findModel(profile, adapter, sources, force),
    sources.checkPort(profile.host, profile.port),
  ]);
  if ('failure' in program) return refused(program.failure);
  if ('failure' in model) return refused(model.failure);
  if (port.kind === 'taken')
    return refused(portTaken(profile.port, port.holder, await sources.nextFreePort()));
  if (port.kind === 'refused') return refused(addressUnusable(profile, port.reason));
  const problem = machinesNotReady(
    await lookAtHosts(profile, adapter, program.bin, model.path, sources),
  );
  if (problem) return refused(problem);
  const options = safeMode
    ? safeModeOptions(profile.options, adapter, program.known)
    : profile.options;
  const run = { ...profile, options };
  return { ok: true, plan: { profile: run, adapter, ...program, modelPath: model.path } };
}

/**
 * What is found on every machine of a profile, as its start would find it; none without a cluster.
 * @throws DomainError engine_missing, model_missing, ... when it cannot be known what to look for.
 */
export async function checkProfileHosts(
  profile: ServerProfile,
  sources: PlanSources,
): Promise<HostCheck[]> {
  if (!profile.cluster) return [];
  const adapter = sources.adapterFor(profile);
  const program = await findProgram(profile, sources);
  const model = await findModel(profile, adapter, sources, true);
  for (const part of [program, model]) {
    if ('failure' in part) throw toError(part.failure);
  }
  const bin = 'bin' in program ? program.bin : '';
  const modelPath = 'path' in model ? model.path : '';
  return lookAtHosts(profile, adapter, bin, modelPath, sources);
}

async function lookAtHosts(
  { cluster }: ServerProfile,
  { executable, distribution }: EngineAdapter,
  bin: string,
  modelPath: string,
  sources: PlanSources,
): Promise<HostCheck[]> {
  return cluster ? sources.checkHosts({ cluster, bin, executable, distribution, modelPath }) : [];
}

interface Refusal {
  readonly failure: ServerFailure;
}

/** What will be executed, as it is on disk now. */
async function findProgram(
  profile: ServerProfile,
  sources: PlanSources,
): Promise<Pick<RunPlan, 'installation' | 'bin' | 'known'> | Refusal> {
  if (profile.custom) {
    const { command } = profile.custom;
    return (await isExecutable(command))
      ? { installation: undefined, bin: path.dirname(command), known: [] }
      : { failure: programMissing(command) };
  }
  const found = findInstallation(profile, sources);
  const installation = found && (await sources.lookAtInstallation(found.id));
  if (!installation) return { failure: engineMissing(profile) };
  // Whether it can run may be unknown: then the start itself tells.
  const { state } = installation;
  if (state === 'broken' || state === 'installing')
    return { failure: engineCannotRun(installation) };
  const bin = sources.binOf(installation);
  try {
    return { installation, bin, known: await sources.options(installation.id) };
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    return { failure: await whyNoOptions(installation, error, sources) };
  }
}

/** Its program was run for its options and told none: a closer look may say why. */
async function whyNoOptions(
  installation: Installation,
  error: DomainError,
  sources: PlanSources,
): Promise<ServerFailure> {
  const closer = await sources.lookAtInstallation(installation.id, 'files');
  const said = { label: 'Its options', text: error.message };
  if (closer?.state !== 'broken') {
    const problem = `Its program lists no options: ${error.message}`;
    return engineCannotRun({ ...installation, problem }, [said]);
  }
  return engineCannotRun(closer, [said]);
}

/** The folder of the weights; a custom command may have none, or a file of its own kind. */
async function findModel(
  { model: ref, custom }: ServerProfile,
  adapter: EngineAdapter,
  sources: PlanSources,
  force: boolean,
): Promise<{ readonly path: string } | Refusal> {
  if (custom && ref === 'none') return { path: '' };
  const found = await sources.resolveModel(ref);
  if (!found)
    return custom && (await isThere(ref)) ? { path: ref } : { failure: modelMissing(ref) };
  // Another program may well read what is incomplete to the engines here (GGUF has no config.json).
  if (custom) return found;
  const { complete, wholeWeights, loaders } = found.model;
  if (!complete && !(force && wholeWeights)) return { failure: modelIncomplete(found.model) };
  const isLoaded = loaders === undefined || loaders.some((one) => adapter.loadsWith.includes(one));
  return isLoaded
    ? found
    : { failure: needsOtherEngine(found.model, adapter.id, enginesLoadingWith(loaders)) };
}

/** The installation that a profile runs with: its pinned one, else the engine's one in use. */
export function findInstallation(
  profile: Pick<ServerProfile, 'engine' | 'installation'>,
  sources: Pick<PlanSources, 'installation' | 'inUse'>,
): Installation | undefined {
  return profile.installation === null
    ? sources.inUse(profile.engine)
    : sources.installation(profile.installation);
}

function refused(reason: ServerFailure): PlanResult {
  return { ok: false, failure: reason };
}

const isExecutable = (file: string): Promise<boolean> => isThere(file, constants.X_OK);

function isThere(file: string, mode = constants.F_OK): Promise<boolean> {
  return access(file, mode).then(
    () => true,
    () => false,
  );
}
