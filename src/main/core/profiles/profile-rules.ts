import { stat } from 'node:fs/promises';
import { describeValue } from '@shared/describe-value';
import { showHidden } from '@shared/format/hidden-characters';
import { modelRefKind } from '@shared/domain/model-ref';
import type { ServerProfile } from '@shared/domain/profile';
import { DomainError, type FieldProblem, validationError } from '@shared/errors';
import type { PortState } from '../ports/processes';
import { sameName } from './names';

export interface Scope {
  readonly local: boolean;
}

/** What the rules ask of the rest of the program. */
export interface RuleSources {
  checkOptions(profile: ServerProfile, scope: Scope): Promise<FieldProblem[]>;
  isKnownModel(ref: string): Promise<boolean>;
  isKnownInstallation(id: string, engine: string): boolean;
  checkPort(host: string, port: number): Promise<PortState>;
  isActive(profileId: string): boolean;
  nextPort(): Promise<number>;
}

export interface RuleProblem extends FieldProblem {
  readonly kind: 'conflict' | 'validation';
}

/** Everything that keeps a profile from being saved; each names its field. */
export async function findProblems(
  profile: ServerProfile,
  others: readonly ServerProfile[],
  before: ServerProfile | undefined,
  scope: Scope,
  sources: RuleSources,
): Promise<RuleProblem[]> {
  const problems: RuleProblem[] = [];
  const twin = others.find(({ name, aliases }) =>
    [name, ...aliases].some((taken) => sameName(taken, profile.name)),
  );
  if (twin) {
    const message = sameName(twin.name, profile.name)
      ? `Another profile is already named ${twin.name}.`
      : `${profile.name} is already an alias of the profile ${twin.name}.`;
    problems.push(conflict('name', message));
  }
  const neighbour = others.find((other) => other.port === profile.port);
  if (neighbour) {
    const next = await sources.nextPort();
    problems.push(
      conflict(
        'port',
        `Port ${profile.port} is used by the profile ${neighbour.name}. The next free port is ${next}.`,
      ),
    );
  }
  problems.push(...aliasProblems(profile, others));
  problems.push(...customProblems(profile), ...clusterProblems(profile));
  if (profile.model !== before?.model)
    problems.push(...(await modelProblems(profile, scope, sources)));
  if (
    profile.installation !== null &&
    !sources.isKnownInstallation(profile.installation, profile.engine)
  ) {
    const message = `There is no installation ${profile.installation} of ${profile.engine}.`;
    problems.push(invalid('installation', message));
  }
  const options = await optionProblems(profile, before, scope, sources);
  return [
    ...problems,
    ...options.map((problem): RuleProblem => ({ ...problem, kind: 'validation' })),
  ];
}

/** What a person should know, though it may be saved. */
export async function findWarnings(
  profile: ServerProfile,
  sources: RuleSources,
): Promise<FieldProblem[]> {
  if (sources.isActive(profile.id)) return [];
  const state = await sources.checkPort(profile.host, profile.port);
  if (state.kind !== 'taken') return [];
  const who = state.holder ? `: ${state.holder.command} (pid ${state.holder.pid})` : '';
  return [{ field: 'port', message: `Port ${profile.port} is in use by another program${who}.` }];
}

/** Throws the problems as one error, `conflict` when that is all there is. */
export function refuse(problems: readonly RuleProblem[], profile: ServerProfile): void {
  if (problems.length === 0) return;
  const fields = problems.map((problem) => ({
    field: problem.field,
    message: showHidden(withValue(problem, profile)),
    ...(problem.rule === undefined ? {} : { rule: problem.rule }),
  }));
  if (problems.some((problem) => problem.kind === 'validation')) throw validationError(fields);
  const message = fields.map((problem) => problem.message).join(' ');
  throw new DomainError('conflict', message, { data: { fields } });
}

/** A limit is said together with what was given: not everybody sees the field. */
function withValue({ field, message, rule }: RuleProblem, { options }: ServerProfile): string {
  const key = field.startsWith('options.') ? field.slice('options.'.length) : undefined;
  if (key === undefined || rule === undefined) return message;
  return `${key} ${rule}; got ${describeValue(options[key], ['options', key])}.`;
}

/** A name means one profile, whoever asks for it. */
function aliasProblems(profile: ServerProfile, others: readonly ServerProfile[]): RuleProblem[] {
  return profile.aliases.flatMap((alias): RuleProblem[] => {
    const owner = others.find(({ name, aliases }) =>
      [name, ...aliases].some((taken) => sameName(taken, alias)),
    );
    if (!owner) return [];
    return [
      conflict('aliases', `The alias ${alias} is already a name of the profile ${owner.name}.`),
    ];
  });
}

/** Only mlx_lm.server joins its ranks into one model (reference: MLX's launcher with the other engines starts copies). */
function clusterProblems({ cluster, engine, extraArgs }: ServerProfile): RuleProblem[] {
  if (cluster === null) return [];
  if (engine !== 'mlx-lm')
    return [invalid('cluster', `Only mlx-lm can run on several machines, not ${engine}.`)];
  return extraArgs.includes('--pipeline')
    ? [
        invalid(
          'extraArgs',
          'Choose the split under Machines (cluster.sharding) instead of --pipeline.',
        ),
      ]
    : [];
}

/** A custom command and the engine that runs it belong together. */
function customProblems(profile: ServerProfile): RuleProblem[] {
  const { engine, custom, model, options, extraArgs } = profile;
  if (engine !== 'custom') {
    const problems: RuleProblem[] = [];
    if (custom !== null)
      problems.push(invalid('custom', `A custom command needs the engine custom, not ${engine}.`));
    if (model === 'none')
      problems.push(invalid('model', `Choose a model: only a custom command can do without one.`));
    return problems;
  }
  if (custom === null) {
    const message =
      'A custom command needs a program. Set it in the desktop app or on the command line.';
    return [invalid('custom.command', message)];
  }
  const problems = Object.keys(options).map((key) =>
    invalid(
      `options.${key}`,
      "Engine options don't apply to a custom command. Use its arguments instead.",
    ),
  );
  if (!extraArgs.some((arg) => arg.includes('{port}'))) {
    const message =
      "The arguments of a custom command must contain {port}, which is replaced with the profile's port.";
    problems.push(invalid('extraArgs', message));
  }
  return problems;
}

async function modelProblems(
  profile: ServerProfile,
  scope: Scope,
  sources: RuleSources,
): Promise<RuleProblem[]> {
  const { model } = profile;
  if (modelRefKind(model) !== 'folder') return [];
  if (!scope.local && !(await sources.isKnownModel(model))) {
    return [
      invalid(
        'model',
        `The folder ${model} isn't in the library. Choose other folders in the desktop app or on the command line.`,
      ),
    ];
  }
  const what = await whatIsWrongWithFolder(model);
  return what === undefined ? [] : [invalid('model', `The model folder ${model} ${what}.`)];
}

async function whatIsWrongWithFolder(folder: string): Promise<string | undefined> {
  try {
    return (await stat(folder)).isDirectory() ? undefined : "isn't a folder";
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' || code === 'ENOTDIR' ? "doesn't exist" : `can't be read (${code})`;
  }
}

/** What a view may not set it may leave as it is: a local option keeps nobody from a new name. */
async function optionProblems(
  profile: ServerProfile,
  before: ServerProfile | undefined,
  scope: Scope,
  sources: RuleSources,
): Promise<FieldProblem[]> {
  const found = await sources.checkOptions(profile, scope);
  if (scope.local || before === undefined || found.length === 0) return found;
  const always = await sources.checkOptions(profile, { local: true });
  const kept = Object.keys(profile.options)
    .filter((key) => profile.options[key] === before.options[key])
    .map((key) => `options.${key}`);
  return found.filter(
    ({ field }) => !kept.includes(field) || always.some((problem) => problem.field === field),
  );
}

const conflict = (field: string, message: string): RuleProblem => ({
  kind: 'conflict',
  field,
  message,
});
const invalid = (field: string, message: string): RuleProblem => ({
  kind: 'validation',
  field,
  message,
});
