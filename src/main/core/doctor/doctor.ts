import { access, constants, stat } from 'node:fs/promises';
import os from 'node:os';
import type { DoctorCheck } from '@shared/contract';
import type { Installation } from '@shared/domain/engine';
import { mendAction } from '@shared/domain/mend-installation';
import type { Model, ModelFolder } from '@shared/domain/model';
import type { ServerProfile } from '@shared/domain/profile';
import type { Server } from '@shared/domain/server';
import { hasProcess } from '@shared/domain/server-state';
import { formatMemory } from '@shared/format/bytes';
import { makeAction } from '@shared/errors/action';
import { systemProblem } from '@shared/errors/system-error';
import { checkGateway, type GatewayDoctorSources } from './doctor-gateway';
import { checkModelPlaces, type ModelDoctorSources } from './doctor-models';
import type { Vault } from '../ports';
import type { Processes } from '../ports/processes';
import { checkPort } from '../processes/port-holder';
import type { OwnershipRecord } from '../servers/launch/ownership';

export interface DoctorSources extends ModelDoctorSources, GatewayDoctorSources {
  readonly home: string;
  readonly platform: NodeJS.Platform;
  readonly arch: string;
  readonly profiles: readonly ServerProfile[];
  readonly servers: readonly Server[];
  readonly installations: readonly Installation[];
  readonly models: readonly Model[];
  readonly folders: readonly ModelFolder[];
  readonly records: readonly OwnershipRecord[];
  readonly readOnly: boolean;
  readonly vault: Vault;
  /** Why the hub's token cannot be read here although one was kept. */
  readonly unreadToken: () => Promise<string | undefined>;
  readonly processes: Processes;
}

/** Looks at the machine, the engines, the folders, the ports and leftovers; says what to do. */
export async function runDoctor(sources: DoctorSources): Promise<DoctorCheck[]> {
  return [
    checkMachine(sources),
    await checkHome(sources),
    await checkVault(sources),
    ...checkEngines(sources),
    ...sources.folders.map(checkFolder),
    ...(await checkModelPlaces(sources)),
    ...checkModels(sources),
    ...(await checkPorts(sources)),
    await checkGateway(sources),
    checkOrphans(sources),
  ];
}

function checkMachine({ platform, arch }: DoctorSources): DoctorCheck {
  const memory = `${formatMemory(os.totalmem())} of memory`;
  const text = `${platform} ${arch}, ${os.cpus().length} cores, ${memory}, Node ${process.versions.node}`;
  if (platform === 'darwin' && arch !== 'arm64') {
    return {
      id: 'machine',
      state: 'problem',
      message: `${text}: MLX needs Apple silicon.`,
      action: makeAction('use_apple_silicon'),
    };
  }
  if (platform === 'darwin') return { id: 'machine', state: 'ok', message: text };
  return { id: 'machine', state: 'ok', message: `${text}; engines run on the CPU.` };
}

/** Whether a secret, such as a token, could be kept here, and where. */
async function checkVault({ vault, unreadToken }: DoctorSources): Promise<DoctorCheck> {
  const id = 'secrets';
  const problem = await vault.problem();
  if (problem !== undefined) {
    return { id, state: 'problem', message: problem, action: makeAction('unlock_keychain') };
  }
  const unread = await unreadToken();
  if (unread !== undefined) {
    return { id, state: 'warning', message: unread, action: makeAction('set_token') };
  }
  const place = vault.place === 'keychain' ? 'the keychain' : 'a file that only you can read';
  return { id, state: 'ok', message: `Secrets are stored in ${place}` };
}

async function checkHome({ home, readOnly }: DoctorSources): Promise<DoctorCheck> {
  if (readOnly) {
    return {
      id: 'data-folder',
      state: 'problem',
      message: `${home} was saved by a newer version, so nothing can be changed.`,
      action: makeAction('use_newer_version'),
    };
  }
  try {
    await access(home, constants.R_OK | constants.W_OK);
    const { mode } = await stat(home);
    if ((mode & 0o077) !== 0) {
      return {
        id: 'data-folder',
        state: 'warning',
        message: `${home} can be read by other users.`,
        action: makeAction('make_private', { path: home }),
      };
    }
    return { id: 'data-folder', state: 'ok', message: `${home} is writable and private` };
  } catch (error) {
    return {
      id: 'data-folder',
      state: 'problem',
      message: systemProblem(error, home)?.sentence ?? `${home} can't be written: ${String(error)}`,
      action: makeAction('give_access', { path: home }),
    };
  }
}

function checkEngines({ installations, profiles }: DoctorSources): DoctorCheck[] {
  if (installations.length === 0) {
    return [
      {
        id: 'engines',
        state: profiles.length > 0 ? 'problem' : 'warning',
        message: 'No engine is installed.',
        action: makeAction('open_engines', { engine: 'mlx-lm', purpose: 'install' }),
      },
    ];
  }
  return installations.map(checkEngine);
}

function checkEngine(installation: Installation): DoctorCheck {
  const { engine, version, inUse, problem } = installation;
  const name = `${engine} ${version}`;
  const id = `engine:${installation.id}`;
  switch (installation.state) {
    case 'broken':
      return {
        id,
        state: inUse ? 'problem' : 'warning',
        message: `${name} can't run. ${problem ?? 'Its self-test failed.'}`,
        action: mendAction(installation),
      };
    case 'unknown':
      return {
        id,
        state: 'warning',
        message: `Can't tell whether ${name} can run. ${problem ?? ''}`.trim(),
        action: makeAction('retry'),
      };
    case 'installing':
      return { id, state: 'ok', message: `${name} is being installed` };
    case 'ready':
      return { id, state: 'ok', message: `${name}${inUse ? ', in use' : ''}` };
  }
}

function checkFolder(folder: ModelFolder): DoctorCheck {
  const id = `folder:${folder.path}`;
  if (folder.state === 'ok') {
    return {
      id,
      state: 'ok',
      message: `${folder.path}: ${folder.models} ${folder.models === 1 ? 'model' : 'models'}`,
    };
  }
  if (folder.origin === 'huggingface' && folder.state === 'missing') {
    return { id, state: 'ok', message: `${folder.path}: not created yet` };
  }
  return {
    id,
    state: 'warning',
    message: `${folder.path} is ${folder.state}.`,
    action: makeAction('mount_folder', { path: folder.path }),
  };
}

function checkModels({ models, profiles }: DoctorSources): DoctorCheck[] {
  return profiles.flatMap((profile): DoctorCheck[] => {
    const model = models.find((candidate) => candidate.ref === profile.model);
    const id = `model:${profile.name}`;
    if (model?.complete) return [];
    const what = model
      ? `is incomplete: ${(model.missing ?? []).join(', ')}`
      : "isn't on this machine";
    return [
      {
        id,
        state: 'warning',
        message: `Profile ${profile.name}: its model ${profile.model} ${what}.`,
        action: makeAction('edit_options', {
          field: 'model',
          purpose: 'model',
          profile: profile.name,
        }),
      },
    ];
  });
}

async function checkPorts({ profiles, servers, processes }: DoctorSources): Promise<DoctorCheck[]> {
  const running = new Set(
    servers.filter((server) => hasProcess(server.state)).map((server) => server.port),
  );
  const idle = profiles.filter((profile) => !running.has(profile.port));
  const held = await Promise.all(
    idle.map(async (profile) => ({
      profile,
      state: await checkPort(processes, profile.host, profile.port),
    })),
  );
  return held.flatMap(({ profile, state }): DoctorCheck[] => {
    if (state.kind !== 'taken') return [];
    const { holder } = state;
    const who = holder ? `pid ${holder.pid}: ${holder.command}` : 'another program';
    return [
      {
        id: `port:${profile.port}`,
        state: 'warning',
        message: `Port ${profile.port} of profile ${profile.name} is in use by ${who}`,
        action: makeAction('edit_options', {
          field: 'port',
          purpose: 'port',
          profile: profile.name,
        }),
      },
    ];
  });
}

function checkOrphans({ records, servers }: DoctorSources): DoctorCheck {
  const known = new Set(
    servers.filter((server) => hasProcess(server.state)).map((s) => s.profileId),
  );
  const orphans = records.filter((record) => record.process && !known.has(record.profileId));
  if (orphans.length === 0) {
    return { id: 'orphans', state: 'ok', message: 'No servers are left from an earlier run' };
  }
  const pids = orphans.map((record) => record.process?.pid).join(', ');
  return {
    id: 'orphans',
    state: 'warning',
    message: `Servers from an earlier run may still be running: pid ${pids}. The manager takes them over or ends them when it starts.`,
    action: makeAction('serve'),
  };
}
