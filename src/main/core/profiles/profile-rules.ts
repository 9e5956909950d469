import { stat } from 'node:fs/promises';
import { modelRefKind, type ServerProfile } from '@shared/domain/profile';
import { DomainError, type FieldProblem, validationError } from '@shared/errors';
import { sameName } from './names';

export interface Scope {
  readonly local: boolean;
}

/** What the rules ask of the rest of the program. */
export interface RuleSources {
  checkOptions(profile: ServerProfile, scope: Scope): Promise<FieldProblem[]>;
  isKnownModel(ref: string): Promise<boolean>;
  isKnownInstallation(id: string, engine: string): boolean;
  portOwner(port: number): Promise<{ readonly pid: number; readonly command: string } | undefined>;
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
  const twin = others.find((other) => sameName(other.name, profile.name));
  if (twin) {
    problems.push(
      conflict('name', `The name "${profile.name}" belongs to another profile (${twin.name}).`),
    );
  }
  const neighbour = others.find((other) => other.port === profile.port);
  if (neighbour) {
    const next = await sources.nextPort();
    problems.push(
      conflict(
        'port',
        `Port ${profile.port} belongs to profile ${neighbour.name}. The next free port is ${next}.`,
      ),
    );
  }
  if (profile.model !== before?.model)
    problems.push(...(await modelProblems(profile, scope, sources)));
  if (
    profile.installation !== null &&
    !sources.isKnownInstallation(profile.installation, profile.engine)
  ) {
    const message = `There is no installation ${profile.installation} of ${profile.engine}.`;
    problems.push(invalid('installation', message));
  }
  const options = await sources.checkOptions(profile, scope);
  return [...problems, ...options.map(({ field, message }) => invalid(field, message))];
}

/** What a person should know, though it may be saved. */
export async function findWarnings(
  profile: ServerProfile,
  sources: RuleSources,
): Promise<FieldProblem[]> {
  if (sources.isActive(profile.id)) return [];
  const owner = await sources.portOwner(profile.port);
  if (!owner) return [];
  const who = `${owner.command} (pid ${owner.pid})`;
  return [
    { field: 'port', message: `Port ${profile.port} is held by another program now: ${who}.` },
  ];
}

/** Throws the problems as one error, `conflict` when that is all there is. */
export function refuse(problems: readonly RuleProblem[]): void {
  if (problems.length === 0) return;
  const fields = problems.map(({ field, message }) => ({ field, message }));
  if (problems.some((problem) => problem.kind === 'validation')) throw validationError(fields);
  const message = problems.map((problem) => problem.message).join(' ');
  throw new DomainError('conflict', message, { data: { fields } });
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
        `The folder ${model} is not in the library; other folders can be chosen in the desktop application or on the command line.`,
      ),
    ];
  }
  const isFolder = await stat(model).then(
    (info) => info.isDirectory(),
    () => undefined,
  );
  if (isFolder) return [];
  const what = isFolder === undefined ? 'does not exist' : 'is not a folder';
  return [invalid('model', `The model folder ${model} ${what}.`)];
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
