import { access, constants } from 'node:fs/promises';
import type { EngineOption, Installation } from '@shared/domain/engine';
import type { Model } from '@shared/domain/model';
import type { ServerProfile } from '@shared/domain/profile';
import type { ServerFailure } from '@shared/domain/server';
import type { EngineAdapter } from '../engines/adapter';
import { findPortOwner } from '../processes/port-owner';
import { failure } from './failure';
import { portTaken } from './readiness';

/** Everything a run needs, gathered and checked before anything is spawned. */
export interface RunPlan {
  readonly profile: ServerProfile;
  readonly adapter: EngineAdapter;
  readonly installation: Installation;
  readonly bin: string;
  readonly known: readonly EngineOption[];
  readonly modelPath: string;
}

/** What planning needs of the other services. */
export interface PlanSources {
  adapterFor(engine: string): EngineAdapter;
  installation(id: string): Installation | undefined;
  inUse(engine: string): Installation | undefined;
  binOf(installation: Installation): string;
  options(installationId: string): Promise<readonly EngineOption[]>;
  resolveModel(ref: string): Promise<{ readonly path: string; readonly model: Model } | undefined>;
  nextFreePort(): Promise<number>;
}

export type PlanResult =
  | { readonly ok: true; readonly plan: RunPlan }
  | { readonly ok: false; readonly failure: ServerFailure };

/** Gathers a run, or says at once why it cannot work (S4: engine, model, port). */
export async function planRun(profile: ServerProfile, sources: PlanSources): Promise<PlanResult> {
  const adapter = sources.adapterFor(profile.engine);
  const installation = findInstallation(profile, sources);
  if (!installation) return refused(missingEngine(profile));
  if (installation.state !== 'ready') return refused(brokenEngine(installation));
  const bin = sources.binOf(installation);
  const program = installation.command ?? `${bin}/${adapter.executable}`;
  if (!(await isExecutable(program))) {
    return refused(
      failure(
        'engine_broken',
        `The program of ${profile.engine} ${installation.version} is gone: ${program}.`,
        [{ label: 'Program', text: program }],
      ),
    );
  }
  const model = await sources.resolveModel(profile.model);
  if (!model) return refused(missingModel(profile.model));
  if (!model.model.complete) return refused(incompleteModel(model.model));
  const holder = await findPortOwner(profile.port);
  if (holder) return refused(portTaken(profile.port, holder, await sources.nextFreePort()));
  const known = await sources.options(installation.id);
  return { ok: true, plan: { profile, adapter, installation, bin, known, modelPath: model.path } };
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

async function isExecutable(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function missingEngine(profile: ServerProfile): ServerFailure {
  const what =
    profile.installation === null
      ? `${profile.engine} is not installed.`
      : `The installation ${profile.installation}, which this profile is pinned to, is not there.`;
  return failure('engine_missing', what);
}

function brokenEngine(installation: Installation): ServerFailure {
  const { engine, version, state, problem } = installation;
  return failure(
    'engine_broken',
    state === 'installing'
      ? `${engine} ${version} is still being installed.`
      : `${engine} ${version} did not pass its self-test.`,
    problem === undefined ? [] : [{ label: 'Self-test', text: problem }],
  );
}

function missingModel(ref: string): ServerFailure {
  const what = ref.startsWith('/')
    ? `The model folder ${ref} does not exist.`
    : `The model ${ref} is not on this disk.`;
  return failure('model_missing', what, [{ label: 'Model', text: ref }]);
}

function incompleteModel(model: Model): ServerFailure {
  const missing = model.missing ?? [];
  const first = missing[0] ?? 'files are missing';
  const more = missing.length > 1 ? ` and ${missing.length - 1} more` : '';
  return failure(
    'model_incomplete',
    `The model ${model.name} is incomplete or damaged: ${first}${more}.`,
    missing.map((text) => ({ label: 'File', text })),
  );
}
