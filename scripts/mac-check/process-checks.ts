import { psProcesses } from '@core/processes/ps-processes';
import type { ProcessView } from '@fixtures/process-views';
import { formatDisk } from '@shared/format/bytes';

import { MARK, told } from './carriers';
import { type Check, type Finding, judge, notHere, notOk } from './check';
import { comparedBy, differences, isNear, isSameSet, startsDiffer } from './compare';
import type { Context } from './context';
import { BALLAST_BYTES, CONNECTIONS, type Family, FAMILY_FILE } from './family';
import { parseFootprint, parseTop } from './parsers';
import { ask } from './tool';

/** What the program itself falls back to where the library cannot be called; here it is the measure. */
const ps = psProcesses(true);

/** Each way to see processes against `ps` and `lsof`, with a family of processes that is started for it. */
export function processChecks(context: Context): Check[] {
  const missing = context.missing.map((reason) => ({
    name: 'processes',
    run: async () => (process.platform === 'darwin' ? notOk(reason) : notHere(reason)),
  }));
  return [...missing, ...context.views.flatMap((view) => checksOf(view, context))];
}

function checksOf(view: ProcessView, context: Context): Check[] {
  const check = (
    what: string,
    look: (family: Family, signal: AbortSignal) => Promise<Finding>,
  ): Check => ({
    name: `${what} (${view.name})`,
    run: async (signal) => look(await context.family(), signal),
  });
  return [
    { name: `process table (${view.name})`, run: () => compareTables(view) },
    check('one process', (family) => compareOne(view, family)),
    check('listeners', (family) => compareListeners(view, family)),
    check('connections', (family) => compareConnections(view, family)),
    check('mark in the environment', (family) => findCarriers(view, family)),
    check('CPU time', (family) => compareCpu(view, family)),
    check('memory of a process', (family, signal) => compareMemory(view, family, signal)),
  ];
}

async function compareTables({ name, processes }: ProcessView): Promise<Finding> {
  const first = told('ps', await ps.list());
  const began = performance.now();
  const second = told(name, await processes.list());
  const tookMs = performance.now() - began;
  const third = told('ps', await ps.list());
  const fourth = told(name, await processes.list());
  const looks = { ps: [first, third], view: [second, fourth] } as const;
  const wrong = differences(looks);
  return judge(
    wrong,
    `${comparedBy(looks)} processes compared, ${wrong.length} differ, a look takes ${tookMs.toFixed(1)} ms`,
  );
}

async function compareOne({ name, processes }: ProcessView, family: Family): Promise<Finding> {
  const table = told('ps', await ps.list());
  const wrong: string[] = [];
  for (const [who, pid] of [
    ['the leader', family.leader],
    ['the child', family.child],
    ['the one that was forked twice', family.orphan],
  ] as const) {
    const seen = told(name, await processes.read(pid));
    const other = table.find((one) => one.pid === pid);
    if (!seen || !other || startsDiffer(other, seen)) wrong.push(`${who} is not the same`);
    else if (seen.ppid !== other.ppid) wrong.push(`${who} has another parent`);
    else if (!seen.command.includes(FAMILY_FILE)) wrong.push(`${who} has no command line`);
  }
  const orphan = table.find(({ pid }) => pid === family.orphan);
  if (orphan && orphan.ppid === family.leader)
    wrong.push('the parent of the orphan did not change');
  // A number above every pid that macOS (99998) and Linux (4194304) give.
  const nobody = told(name, await processes.read(5_000_000));
  if (nobody !== undefined) wrong.push('a process is seen that cannot be there');
  return judge(wrong, `leader, child and orphan read; the orphan belongs to ${orphan?.ppid}`);
}

async function compareListeners(
  { name, processes }: ProcessView,
  { leader, port }: Family,
): Promise<Finding> {
  const lsof = told('lsof', await ps.listeners(port));
  const began = performance.now();
  const seen = told(name, await processes.listeners(port));
  const tookMs = performance.now() - began;
  const near = told(name, await processes.listeners(port, [leader]));
  const of = (list: typeof seen): string =>
    list.map(({ pid, address, family }) => `${pid} ${family} ${address}`).join(', ');
  const wrong = [
    ...(of(seen) === `${leader} tcp4 127.0.0.1` ? [] : [`seen: ${of(seen) || 'nobody'}`]),
    ...(of(near) === of(seen) ? [] : ['asked about one process, it says another thing']),
    ...(of(lsof) === of(seen) ? [] : [`lsof says: ${of(lsof) || 'nobody'}`]),
  ];
  return judge(wrong, `the leader on 127.0.0.1, looked for in ${tookMs.toFixed(1)} ms`);
}

async function compareConnections(
  { name, processes }: ProcessView,
  { leader, port }: Family,
): Promise<Finding> {
  const seen = told(name, await processes.connections(port, leader));
  const lsof = told('lsof', await ps.connections(port, leader));
  const wrong = [
    ...(seen === CONNECTIONS ? [] : [`${seen} are seen`]),
    ...(lsof === CONNECTIONS ? [] : [`lsof sees ${lsof}`]),
  ];
  return judge(wrong, `${CONNECTIONS} are open`);
}

async function findCarriers({ name, processes }: ProcessView, family: Family): Promise<Finding> {
  const members = [family.leader, family.child, family.orphan];
  const began = performance.now();
  const seen = told(name, await processes.carrying(MARK, family.nonce)).map(({ pid }) => pid);
  const tookMs = performance.now() - began;
  const nobody = told(name, await processes.carrying(MARK, `${family.nonce}x`));
  const byPs = await ps.carrying(MARK, family.nonce);
  const psSays = byPs.known
    ? isSameSet(
        byPs.value.map(({ pid }) => pid),
        members,
      )
      ? 'ps too'
      : `ps ${byPs.value.length} of them`
    : 'ps could not tell';
  const wrong = [
    ...(isSameSet(seen, members) ? [] : [`found ${seen.length} of ${members.length}`]),
    ...(nobody.length === 0 ? [] : ['another mark is found as well']),
  ];
  return judge(wrong, `leader, child and orphan, ${psSays}, in ${tookMs.toFixed(1)} ms`);
}

/** Both count all threads; `ps` of Linux tells whole seconds, that of macOS hundredths, ms. */
const PS_STEP_MS = process.platform === 'darwin' ? 100 : 1000;

async function compareCpu({ name, processes }: ProcessView, { leader }: Family): Promise<Finding> {
  const seen = told(name, await processes.usage([leader])).get(leader);
  const byPs = told('ps', await ps.usage([leader])).get(leader);
  if (!seen || !byPs) return notOk(`${seen ? 'ps' : name} says nothing of it`);
  const text = `${seen.cpuMs.toFixed(0)} ms, ps ${byPs.cpuMs.toFixed(0)} ms`;
  // A wrong unit of the kernel's clock would be out by a factor of 24 or 42.
  return judge(isNear(seen.cpuMs, byPs.cpuMs, 0.1, PS_STEP_MS) ? [] : ['they differ'], text);
}

/** A unit of `top`, which rounds, and what the process takes between two looks, bytes. */
const MEMORY_ALLOWANCE = 6 * 1024 * 1024;

async function compareMemory(
  { name, processes }: ProcessView,
  { leader }: Family,
  signal: AbortSignal,
): Promise<Finding> {
  const bytes = told(name, await processes.usage([leader])).get(leader)?.memoryBytes;
  if (bytes === undefined) return notOk(`${name} does not tell the memory of a process of its own`);
  const measures = await memoryByTools(leader, signal);
  const text = [
    `${formatDisk(bytes)} here`,
    ...measures.map(([tool, of]) => `${tool} ${formatDisk(of)}`),
  ];
  const wrong = measures
    .filter(([, of]) => !isNear(bytes, of, 0.05, MEMORY_ALLOWANCE))
    .map(([tool]) => `${tool} says another thing`);
  if (bytes < BALLAST_BYTES) wrong.push(`it holds at least ${formatDisk(BALLAST_BYTES)}`);
  if (measures.length === 0) return notHere(`no tool tells the same: ${text.join(', ')}`);
  return judge(wrong, text.join(', '));
}

/** What the system's own tools say, bytes: `footprint` and `top` on a Mac, the resident size of `ps` elsewhere. */
async function memoryByTools(pid: number, signal: AbortSignal): Promise<[string, number][]> {
  if (process.platform !== 'darwin') {
    const usage = told('ps', await ps.usage([pid])).get(pid)?.memoryBytes;
    return usage === undefined ? [] : [['ps', usage]];
  }
  const footprint = await ask('footprint', ['-f', 'bytes', '-p', String(pid)], { signal });
  const top = await ask('top', ['-l', '1', '-pid', String(pid), '-stats', 'pid,mem'], { signal });
  const answers: [string, number | undefined][] = [
    ['footprint', parseFootprint(footprint.stdout)],
    ['top', parseTop(top.stdout, pid)],
  ];
  return answers.filter((one): one is [string, number] => one[1] !== undefined);
}
