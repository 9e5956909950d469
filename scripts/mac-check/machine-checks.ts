import { access, readFile } from 'node:fs/promises';
import { totalmem } from 'node:os';
import tls from 'node:tls';

import { askPython } from '@core/engines/install/python-finder';
import type { RunTool } from '@core/engines/tools/tool-runner';
import { gpuWorkingSet } from '@core/metrics/machine-limit';
import { openMacMemory, parseVmStat } from '@core/metrics/mac-memory';
import { installerEnv } from '@core/processes/child-env';
import { proxyVariables, readSystemProxy } from '@host/system-proxy';
import { formatDisk } from '@shared/format/bytes';

import { type Check, type Finding, judge, notHere, notOk, ok, onMac } from './check';
import { isNear } from './compare';
import { type Context, whyNoLibrary } from './context';
import { parseSwVers, proxyKinds } from './parsers';
import { ask, wordsOf } from './tool';

/** What the Mac is, and what the program reads of it. */
export function machineChecks(context: Context): Check[] {
  return [
    onMac({ name: 'macOS version', run: checkVersion }),
    onMac({ name: 'processor', run: checkProcessor }),
    { name: 'free memory', run: (signal) => compareMemory(context, signal) },
    onMac({ name: 'GPU limit', run: (signal) => compareGpuLimit(context, signal) }),
    onMac({ name: 'system proxy', run: checkProxy }),
    { name: 'certificates', run: checkCertificates },
    onMac({ name: '/usr/bin/python3', run: checkPythonStub }),
  ];
}

/** The oldest that Info.plist allows (`LSMinimumSystemVersion`). */
const OLDEST = 14;

async function checkVersion(signal: AbortSignal): Promise<Finding> {
  const answer = await ask('sw_vers', [], { signal });
  const found = parseSwVers(answer.stdout);
  if (!found) return notOk(`sw_vers: ${wordsOf(answer)}`);
  const isNew = Number.parseInt(found.version, 10) >= OLDEST;
  return judge(isNew ? [] : [`${OLDEST} or newer is needed`], `${found.version} (${found.build})`);
}

/** MLX runs on Apple silicon alone, and not under Rosetta, where Node says x64. */
async function checkProcessor(signal: AbortSignal): Promise<Finding> {
  // 1 under Rosetta, 0 without; there is no such name on Intel (Apple's "About the Rosetta Translation Environment").
  const translated = await ask('sysctl', ['-n', 'sysctl.proc_translated'], { signal });
  const brand = await ask('sysctl', ['-n', 'machdep.cpu.brand_string'], { signal });
  const seen = `${brand.stdout.trim()}, Node ${process.version} for ${process.arch}`;
  if (translated.stdout.trim() === '1') return notOk(`this Node runs under Rosetta: ${seen}`);
  return judge(process.arch === 'arm64' ? [] : ['this is no Apple silicon'], seen);
}

async function compareMemory(context: Context, signal: AbortSignal): Promise<Finding> {
  const why = await whyNoLibrary(context);
  if (why !== undefined) return process.platform === 'darwin' ? notOk(why) : notHere(why);
  const isMac = process.platform === 'darwin';
  const { free, wiredLimitMb } = await openMacMemory(context.library)();
  const tool = isMac
    ? parseVmStat((await ask('vm_stat', [], { signal })).stdout)
    : await availableMemory();
  if (free === undefined || tool === undefined) {
    return notOk(`${free === undefined ? 'the library' : 'vm_stat'} does not tell it`);
  }
  const share = isMac ? 0.05 : 0.2;
  const seen = `${formatDisk(free)}, ${isMac ? 'vm_stat' : '/proc/meminfo'} ${formatDisk(tool)}, of ${formatDisk(totalmem())}`;
  const wrong = isNear(free, tool, share, 256 * 1024 * 1024) ? [] : ['they differ'];
  if (wiredLimitMb === undefined) wrong.push('iogpu.wired_limit_mb cannot be read');
  return judge(wrong, seen);
}

/** What Linux itself says, bytes. */
async function availableMemory(): Promise<number | undefined> {
  const text = await readFile('/proc/meminfo', 'latin1');
  const kilobytes = /^MemAvailable:\s+(\d+) kB/m.exec(text)?.[1];
  return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
}

/**
 * Asks Metal itself, in a process of its own, since a wrong call would end it. CoreGraphics must be loaded for a
 * program without a window to get a device (Apple's documentation of MTLCreateSystemDefaultDevice).
 */
const ASK_METAL = `
import koffi from 'koffi';
koffi.load('/System/Library/Frameworks/CoreGraphics.framework/CoreGraphics');
const metal = koffi.load('/System/Library/Frameworks/Metal.framework/Metal');
const objc = koffi.load('/usr/lib/libobjc.A.dylib');
const device = metal.func('void *MTLCreateSystemDefaultDevice()')();
const selector = objc.func('void *sel_registerName(const char *name)')('recommendedMaxWorkingSetSize');
console.log(String(objc.func('uint64_t objc_msgSend(void *self, void *selector)')(device, selector)));
`;

async function compareGpuLimit({ root }: Context, signal: AbortSignal): Promise<Finding> {
  const { wiredLimitMb } = await openMacMemory()();
  const ours = gpuWorkingSet(totalmem(), wiredLimitMb);
  const args = ['--input-type=module', '--eval', ASK_METAL];
  const answer = await ask(process.execPath, args, { signal, cwd: root });
  const metal = Number(/^\d+$/m.exec(answer.stdout)?.[0]);
  const words = `${formatDisk(ours)} of ${formatDisk(totalmem())}, wired_limit_mb ${wiredLimitMb}`;
  if (!(metal > 0)) return notHere(`Metal could not be asked (${wordsOf(answer)}); here ${words}`);
  // The GPU of a virtual machine is another one (sysctl kern.hv_vmm_present, bsd/kern/kern_mib.c of XNU).
  const virtual = await ask('sysctl', ['-n', 'kern.hv_vmm_present'], { signal });
  if (virtual.stdout.trim() === '1') return notHere(`a virtual machine: ${metal} bytes; ${words}`);
  const wrong = isNear(ours, metal, 0.03, 0) ? [] : [`Metal says ${formatDisk(metal)}`];
  return judge(wrong, `${words}; Metal ${formatDisk(metal)} (${metal} bytes)`);
}

async function checkProxy(signal: AbortSignal): Promise<Finding> {
  const { stdout, ...rest } = await ask('scutil', ['--proxy'], { signal });
  if (!stdout.includes('<dictionary>')) return notOk(`scutil: ${wordsOf({ stdout, ...rest })}`);
  const ours = await readSystemProxy({});
  const kinds = proxyKinds(stdout);
  const same = JSON.stringify(ours) === JSON.stringify(proxyVariables(stdout));
  const unread = kinds.filter((kind) => !['HTTP', 'HTTPS'].includes(kind));
  const names = Object.keys(ours).join(', ') || 'no variable';
  const wrong = same ? [] : ['what the program reads is not what scutil prints'];
  if (kinds.some((kind) => kind.startsWith('HTTP')) && names === 'no variable') {
    wrong.push('a proxy is set and none is taken');
  }
  const note = unread.length === 0 ? '' : `; not used: ${unread.join(', ')}`;
  return judge(wrong, `set: ${kinds.join(', ') || 'none'}; taken as ${names}${note}`);
}

/** It holds up the whole process, so that it must not take longer, ms. */
const CERTIFICATES_MS = 3000;

async function checkCertificates(): Promise<Finding> {
  const began = performance.now();
  const system = tls.getCACertificates('system').length;
  const tookMs = performance.now() - began;
  const bundled = tls.getCACertificates('bundled').length;
  return judge(
    tookMs < CERTIFICATES_MS ? [] : ['it takes too long'],
    `${system} in the system’s store, ${bundled} of Node, read in ${tookMs.toFixed(0)} ms`,
  );
}

/** Without the command line tools it opens a window that asks to install them: then it must not be run. */
async function checkPythonStub(signal: AbortSignal): Promise<Finding> {
  const file = '/usr/bin/python3';
  const isThere = await access(file).then(
    () => true,
    () => false,
  );
  if (!isThere) return ok('there is none');
  // It prints where the tools are, and fails where there are none; it never asks for them.
  const tools = await ask('/usr/bin/xcode-select', ['-p'], { signal });
  let wasRun = false;
  const run: RunTool = async ({ file: program, args, env }) => {
    wasRun = true;
    const { code, stdout, stderr } = await ask(program, args, { signal, env });
    const output = `${stdout}\n${stderr}`;
    return { code: code ?? null, signal: null, stdout, output, timedOut: code === undefined };
  };
  const python = await askPython(file, installerEnv(process.env), run, signal);
  const version = python.known ? (python.value?.version ?? 'none') : python.reason;
  const seen = `tools ${tools.code === 0 ? 'installed' : 'not installed'}, ${wasRun ? 'run' : 'not run'}: ${version}`;
  if (tools.code !== 0) return judge(wasRun ? ['it was run'] : [], seen);
  return judge(python.known && python.value ? [] : ['it is not found to be a Python'], seen);
}
