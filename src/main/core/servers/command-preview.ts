import type { LaunchCommand } from '@shared/contract';
import type { ServerProfile } from '@shared/domain/profile';
import { MASK, maskAll, maskArguments, maskSecrets, secretsOf } from '@shared/domain/secret';
import { DomainError } from '@shared/errors';
import type { ClusterRuns } from './cluster/cluster-runs';
import { adapterFor } from '../engines/adapters';
import type { EngineService } from '../engines/engine-service';
import type { ModelLibrary } from '../models/model-library';
import type { Ports } from '../ports';
import { buildLaunch, launchdPlist, ownEnv, shellLine } from './launch/launch';
import { findInstallation } from './launch/run-plan';

export interface PreviewSources {
  readonly engines: EngineService;
  readonly models: ModelLibrary;
  readonly ports: Ports;
  readonly clusters: ClusterRuns;
}

/**
 * The exact command and environment of a profile, secrets masked; of the environment that the profile sets,
 * who is not at this machine sees the names alone.
 */
export async function describeCommand(
  profile: ServerProfile,
  { engines, models, ports, clusters }: PreviewSources,
  scope: { readonly local: boolean },
): Promise<LaunchCommand> {
  const adapter = adapterFor(profile);
  const installation = findInstallation(profile, {
    installation: (id) => engines.get(id),
    inUse: (engine) => engines.inUse(engine),
  });
  const model = await models.resolve(profile.model);
  // Before an engine is installed the command is shown with the program's bare name.
  const bin = installation ? engines.binOf(installation) : '';
  const single = buildLaunch({
    profile,
    adapter,
    installation,
    bin,
    known: installation ? await engines.options(installation.id) : [],
    modelKind: model?.model.kind,
    modelPath: model?.path ?? (profile.model === 'none' ? '' : profile.model),
    baseEnv: {},
    cwd: ports.paths.run,
  });
  const isKnown = installation !== undefined || profile.custom !== null;
  const launch = clusters.preview(
    { profile, adapter, bin },
    isKnown ? single : { ...single, file: adapter.executable },
  );
  // With several machines the variables are words of the command.
  const shown = new Map(
    scope.local
      ? []
      : Object.entries(profile.env).map(([name, value]) => [`${name}=${value}`, `${name}=${MASK}`]),
  );
  const words = [launch.file, ...launch.args].map((word) => shown.get(word) ?? word);
  const argv = maskArguments(words, secretsOf(profile));
  const env = {
    ...maskSecrets(ownEnv({ adapter, profile })),
    ...(scope.local ? {} : maskAll(profile.env)),
  };
  return {
    argv,
    env,
    cwd: launch.cwd,
    shell: shellLine(argv, env),
    ...propertyList(() => launchdPlist(`mlx-manager.${profile.id}`, argv, env, launch.cwd)),
  };
}

function propertyList(make: () => string): Pick<LaunchCommand, 'launchd' | 'launchdProblem'> {
  try {
    return { launchd: make() };
  } catch (error) {
    if (error instanceof DomainError) return { launchd: null, launchdProblem: error.message };
    throw error;
  }
}
