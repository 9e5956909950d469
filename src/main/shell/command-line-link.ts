import { access, constants, lstat, mkdir, readlink, realpath, rm, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { CommandLineTool } from '@shared/domain/desktop';
import { DomainError } from '@shared/errors';

const NAME = 'mlx-manager';

/** What the link is made from. */
export interface LinkFacts {
  /** The program that the link leads to, inside the application; undefined when it is not packaged. */
  readonly program: string | undefined;
  /** Why the application should be moved first: a link to where it lies would soon lead nowhere. */
  readonly misplaced?: string | undefined;
  readonly home: string;
  /** The person's PATH, as their shell has it. */
  readonly path: string;
}

/** Folders that are the person's to write to, in order of preference; the first that is in the PATH is taken. */
function candidates(home: string): string[] {
  return [join(home, '.local', 'bin'), join(home, 'bin'), '/opt/homebrew/bin', '/usr/local/bin'];
}

/** Where the command is or would be, and what stands in the way. */
export async function readCommandLine(facts: LinkFacts): Promise<CommandLineTool> {
  const { program } = facts;
  if (program === undefined) {
    return { reason: 'MLX Manager is running from source. Use scripts/mlx-manager.mjs.' };
  }
  if (facts.misplaced !== undefined) {
    return { reason: `Move MLX Manager to the Applications folder first. ${facts.misplaced}` };
  }
  const folders = facts.path.split(':').filter(Boolean);
  for (const folder of folders) {
    const link = join(folder, NAME);
    if ((await leadsTo(link, program)) === 'ours') return { path: link };
  }
  for (const folder of candidates(facts.home).filter((one) => folders.includes(one))) {
    const target = join(folder, NAME);
    if ((await leadsTo(target, program)) === 'other') continue;
    if (await canMake(folder)) return { target };
  }
  return {
    reason: `No folder on your PATH is writable. Add ${join(facts.home, '.local', 'bin')} to your PATH, or create a link to ${program} by hand.`,
  };
}

/** Makes the link. @throws DomainError conflict when another program has the name, permission when it cannot be made. */
export async function installCommandLine(facts: LinkFacts): Promise<void> {
  const { path, target, reason } = await readCommandLine(facts);
  if (path !== undefined) return;
  if (target === undefined || facts.program === undefined) {
    throw new DomainError('permission', reason ?? "The command can't be installed.");
  }
  await mkdir(dirname(target), { recursive: true });
  // A link that leads nowhere is what an application leaves that was moved or thrown away.
  await rm(target, { force: true });
  await symlink(facts.program, target);
}

/** Takes away the link, when it is ours. */
export async function removeCommandLine(facts: LinkFacts): Promise<void> {
  const { path } = await readCommandLine(facts);
  if (path !== undefined) await rm(path, { force: true });
}

async function leadsTo(link: string, program: string): Promise<'ours' | 'other' | 'nothing'> {
  try {
    const info = await lstat(link);
    if (!info.isSymbolicLink()) return 'other';
    const destination = await readlink(link);
    if (destination === program) return 'ours';
    return (await realpath(link).catch(() => undefined)) === undefined ? 'nothing' : 'other';
  } catch {
    return 'nothing';
  }
}

/** Whether a file can be made there; folders that are missing are made, so the nearest that is there decides. */
async function canMake(folder: string): Promise<boolean> {
  for (let one = folder; ; one = dirname(one)) {
    try {
      await access(one, constants.W_OK);
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || one === dirname(one)) return false;
    }
  }
}
