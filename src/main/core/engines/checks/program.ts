import path from 'node:path';

import { BINARY_HEAD, builtFor, isFor, type Machine, machineText } from './binary';
import type { Disk } from './disk';

/** Where a chain of interpreters ends, or why it leads nowhere. */
export type ProgramEnd = { readonly file: string } | { readonly problem: string };

export interface ProgramPlace {
  readonly disk: Disk;
  readonly here: Machine;
  /** Folders in which `#!/usr/bin/env NAME` finds its program. */
  readonly searchPath: readonly string[];
}

/** Linux follows four scripts that name each other (fs/exec.c, `exec_binprm`); more is a circle. */
const MOST_SCRIPTS = 5;
/** As much of a script as names its interpreter, in both ways that installers write it. */
export const SCRIPT_HEAD = 4096;

/**
 * Follows a program to the file that the system will load. A script names its interpreter in the first line,
 * and that may be a script again.
 * @param what what it is to the person, for the sentence: `program`, `Python`.
 */
export async function followProgram(
  file: string,
  what: string,
  place: ProgramPlace,
  depth = 0,
): Promise<ProgramEnd> {
  const wrong = await whatIsWrong(file, place.disk);
  if (wrong !== undefined) return { problem: `Its ${what} ${file} ${wrong}.` };
  const head = await place.disk.head(file, SCRIPT_HEAD);
  const asked = interpreterOf(head.toString('utf8'));
  if (asked === undefined) return binaryEnd(file, what, head, place.here);
  const found = await findInterpreter(asked, place);
  if (found === undefined) {
    return { problem: `Its ${what} ${file} needs ${asked.at(-1)}, which isn't on the PATH.` };
  }
  if (depth >= MOST_SCRIPTS) return { problem: `Its ${what} ${file} refers to itself.` };
  const wrongThere = await whatIsWrong(found, place.disk);
  if (wrongThere !== undefined) {
    return { problem: `Its ${what} ${file} needs ${found}, which ${wrongThere}.` };
  }
  return followProgram(found, what, place, depth + 1);
}

/** Why a file cannot be executed, as the end of a sentence that begins with its name. */
async function whatIsWrong(file: string, disk: Disk): Promise<string | undefined> {
  const info = await disk.stat(file);
  if (!info) {
    const end = await disk.missingEnd(file);
    if (end === undefined) return 'is a link to itself';
    return end === file ? 'is gone' : `leads to ${end}, which is gone`;
  }
  if (!info.isFile()) return 'is not a file';
  if (info.size === 0) return 'is empty';
  return (await disk.mayExecute(file)) ? undefined : "isn't executable";
}

function binaryEnd(file: string, what: string, head: Buffer, here: Machine): ProgramEnd {
  const machines = builtFor(head.subarray(0, BINARY_HEAD));
  // Neither a script with a first line nor a known kind of binary: only a run can tell.
  if (machines === undefined || isFor(machines, here)) return { file };
  const built = machines.map(machineText).join(' and ');
  return {
    problem: `Its ${what} ${file} is built for ${built}, but this machine is ${machineText(here)}.`,
  };
}

/**
 * The interpreter that a script asks for: `['/usr/bin/env', 'node']` or `['/x/bin/python']`. Installers write
 * a path that is long or has spaces as `#!/bin/sh` and a second line that runs it (distlib and uv do).
 */
export function interpreterOf(
  script: string,
): readonly [string] | readonly [string, string] | undefined {
  const indirect = /^#![^\n]*\n'''exec' (?:'(\/[^'\n]+)'|"(\/[^"\n]+)"|(\/\S+))/.exec(script);
  const python = indirect?.[1] ?? indirect?.[2] ?? indirect?.[3];
  if (python !== undefined) return [python];
  const words = /^#![ \t]*(\S+)(?:[ \t]+(.*))?/.exec(script);
  const [, file, rest = ''] = words ?? [];
  if (file === undefined) return undefined;
  const isEnv = path.basename(file) === 'env';
  const name = rest
    .split(/\s+/)
    .find((word) => word !== '' && !word.startsWith('-') && !word.includes('='));
  return isEnv && name !== undefined ? [file, name] : [file];
}

async function findInterpreter(
  [file, name]: readonly [string] | readonly [string, string],
  { disk, searchPath }: ProgramPlace,
): Promise<string | undefined> {
  if (name === undefined) return file;
  if (path.isAbsolute(name)) return name;
  for (const folder of searchPath) {
    const candidate = path.join(folder, name);
    if ((await disk.stat(candidate))?.isFile() && (await disk.mayExecute(candidate)))
      return candidate;
  }
  return undefined;
}
