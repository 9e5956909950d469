import type { HostCheck } from '@shared/domain/cluster';
import type { Installation } from '@shared/domain/engine';
import type { ServerFailure } from '@shared/domain/server';
import type { ModelKind } from '@shared/domain/hub';
import type { Model } from '@shared/domain/model';
import type { ServerProfile } from '@shared/domain/profile';
import { mendAction } from '@shared/domain/mend-installation';
import type { Evidence } from '@shared/domain/failure';
import { type Action, makeAction } from '@shared/errors/action';

import { failure } from './failure';

/** What a start found missing before there was a process. */
type Pinned = Pick<ServerProfile, 'engine' | 'installation'>;

/** The profile's engine, or the installation that it is pinned to, is not there. */
export function engineMissing({ engine, installation }: Pinned): ServerFailure {
  if (installation === null) {
    const install = makeAction('open_engines', { engine, purpose: 'install' });
    return failure('engine_missing', `${engine} isn't installed.`, [], install);
  }
  const message = `This profile uses the installation ${installation}, which no longer exists.`;
  return failure('engine_missing', message, [], otherInstallation());
}

/** It cannot run, or is not installed completely yet. `more`: what showed it. */
export function engineCannotRun(
  installation: Installation,
  more: readonly Evidence[] = [],
): ServerFailure {
  const { engine, version, state, problem, command, path } = installation;
  if (state === 'installing') {
    const message = `${engine} ${version} is still being installed.`;
    return failure(
      'engine_broken',
      message,
      [],
      makeAction('open_engines', { engine, purpose: 'follow' }),
    );
  }
  const message = `${engine} ${version} can't run. ${problem ?? 'Its self-test failed.'}`;
  const evidence = [{ label: 'Installation', text: command ?? path }, ...more];
  return failure('engine_broken', message, evidence, mendAction(installation));
}

/** The program of a profile with a command of its own. */
export function programMissing(program: string): ServerFailure {
  const message = `The program ${program} doesn't exist or isn't executable.`;
  const edit = makeAction('edit_options', { field: 'custom.command' });
  return failure('engine_missing', message, [{ label: 'Program', text: program }], edit);
}

/** `ref`: as the profile has it, a folder or a name. */
export function modelMissing(ref: string): ServerFailure {
  const message = ref.startsWith('/')
    ? `The model folder ${ref} doesn't exist.`
    : `The model ${ref} isn't on this machine.`;
  const evidence = [{ label: 'Model', text: ref }];
  // A folder can only be looked for; `org/name` can be fetched.
  const isOnHub = /^[^/]+\/[^/]+$/.test(ref);
  const action = isOnHub
    ? makeAction('download_model', { ref })
    : makeAction('open_models', { ref });
  return failure('model_missing', message, evidence, action);
}

/** Where its weights are whole, the person may have it tried: an engine may do without the rest. */
export function modelIncomplete({
  ref,
  name,
  missing = [],
  unusable,
  wholeWeights,
}: Model): ServerFailure {
  if (unusable !== undefined) {
    const show = makeAction('open_models', { ref });
    return failure('model_incomplete', `The model ${name} can't be served. ${unusable}`, [], show);
  }
  const [first = 'files are missing'] = missing;
  const more = missing.length > 1 ? ` and ${missing.length - 1} more` : '';
  const message = `The model ${name} is incomplete or damaged: ${first}${more}.`;
  const evidence = missing.map((text) => ({ label: 'File', text }));
  const fix = wholeWeights ? makeAction('start_anyway') : makeAction('open_models', { ref });
  return failure('model_incomplete', message, evidence, fix);
}

/** What each kind of model is called, where it is not one that writes text. */
const KINDS: Readonly<Partial<Record<ModelKind, string>>> = {
  vision: 'a vision model',
  audio: 'a speech model',
  embedding: 'an embedding model',
  image: 'an image model',
};

/** The model is whole, but not for the engine of the profile. @param able engines that load such models. */
export function needsOtherEngine(
  { name, kind = 'text' }: Pick<Model, 'name' | 'kind'>,
  engine: string,
  able: readonly string[],
): ServerFailure {
  const what = KINDS[kind] ?? "in a format it can't read";
  const others = able.length > 0 ? `: ${able.join(' or ')}` : '';
  const message = `${engine} can't load ${name}, which is ${what}. Use another engine${others}.`;
  const edit = makeAction('edit_options', { field: 'engine' });
  return failure('unsupported_architecture', message, [], edit);
}

/** The address that the profile wants cannot be listened on: `reason` is what the system says. */
export function addressUnusable(
  { host, port }: Pick<ServerProfile, 'host' | 'port'>,
  reason: string,
): ServerFailure {
  const message = `A server can't listen on ${host}, port ${port}, on this machine.`;
  const edit = makeAction('edit_options', { field: 'host' });
  return failure('bad_option', message, [{ label: 'Reason', text: reason }], edit);
}

const HOST_CODES = {
  reachable: 'not_answering',
  address: 'bad_option',
  engine: 'engine_missing',
  model: 'model_missing',
} as const;

/** Why a start over these machines cannot work; undefined when every machine is ready. */
export function machinesNotReady(checks: readonly HostCheck[]): ServerFailure | undefined {
  const problems = checks.flatMap(({ host, checks: items }) =>
    items.filter(({ ok }) => !ok).map((item) => ({ host, ...item })),
  );
  const [first] = problems;
  if (!first) return undefined;
  const more = problems.length > 1 ? ` (${problems.length - 1} more below)` : '';
  const evidence = problems.flatMap(({ host, text, fix }) => [
    { label: host, text },
    ...(fix === undefined ? [] : [{ label: 'What to do', text: fix }]),
  ]);
  const edit = makeAction('edit_options', { field: 'cluster', purpose: 'machines' });
  return failure(HOST_CODES[first.id], `${first.text}${more}`, evidence, edit);
}

function otherInstallation(): Action {
  return makeAction('edit_options', { field: 'installation', purpose: 'engine' });
}
