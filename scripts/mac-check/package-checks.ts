import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { type Check, type Finding, judge, notHere, notOk, onMac } from './check';
import type { Context } from './context';
import { parseCodesign, parseSpctl } from './parsers';
import { type Answer, ask, wordsOf } from './tool';

/** The packaged application as it lies on the disk: what is in it, who signed it, what macOS says of it. */
export function packageChecks(context: Context): Check[] {
  const { app } = context;
  const check = (
    name: string,
    run: (app: string, signal: AbortSignal) => Promise<Finding>,
    limitMs = 60_000,
  ): Check => ({ name, limitMs, run: async (signal) => (isThere(app) ? run(app, signal) : NONE) });
  return [
    check('package', (_, signal) => checkContents(context, signal), 120_000),
    onMac(check('signature', checkSignature)),
    onMac(check('Gatekeeper', checkGatekeeper)),
    onMac(check('notarization ticket', checkTicket)),
    onMac(check('App Nap', checkAppNap)),
    onMac(check('uv in the package', checkUv)),
  ];
}

const NONE = notHere('there is no packaged application: npm run package, or --app PATH');

export const isThere = (app: string): boolean => existsSync(join(app, 'Contents', 'Info.plist'));

/** All that scripts/check-package.mjs looks at; its lines that begin with NOT say what is wrong. */
async function checkContents({ root, app }: Context, signal: AbortSignal): Promise<Finding> {
  const program = `const { checkPackage } = await import('./scripts/check-package.mjs');
process.exitCode = (await checkPackage({ app: process.env.MM_CHECK_APP })) ? 0 : 1;`;
  const answer = await ask(process.execPath, ['--input-type=module', '--eval', program], {
    signal,
    limitMs: 110_000,
    cwd: root,
    env: { MM_CHECK_APP: app },
  });
  const wrong = answer.stdout.split('\n').filter((line) => line.startsWith('NOT '));
  if (/no such file .*(uv-macos-arm64\.json|dist\/executable)/.test(answer.stderr)) {
    return notHere('what it is compared with is not here yet: npm run package makes that');
  }
  if (answer.code !== 0 && wrong.length === 0) return notOk(wordsOf(answer));
  return judge(
    wrong.map((line) => line.slice(4).trim()),
    wordsOf({ ...answer, stderr: '' }).replace(/^exit code 0: /, ''),
  );
}

async function checkSignature(app: string, signal: AbortSignal): Promise<Finding> {
  const verified = await ask('codesign', ['--verify', '--deep', '--strict', app], { signal });
  if (verified.code !== 0) return notOk(`codesign --verify: ${wordsOf(verified)}`);
  const shown = await ask('codesign', ['-dvv', app], { signal });
  const signature = parseCodesign(shown.stderr);
  if (!signature) return notOk(`codesign -dvv: ${wordsOf(shown)}`);
  const { by, isHardened, hasTimestamp, identifier } = signature;
  const isRelease = by === 'Developer ID';
  return judge(
    [
      ...(identifier === 'app.mlx-manager.MLXManager' ? [] : [`it is named ${identifier}`]),
      ...(isRelease && !isHardened ? ['it lacks the hardened runtime'] : []),
      ...(isRelease && !hasTimestamp ? ['it lacks a timestamp'] : []),
    ],
    `whole, signed ${by}${by === 'ad hoc' ? ' (for this Mac alone)' : ''}${isHardened ? ', hardened' : ''}`,
  );
}

/** An application that was built here is signed by nobody, which Gatekeeper rejects and still lets run. */
async function checkGatekeeper(app: string, signal: AbortSignal): Promise<Finding> {
  const answer = await ask('spctl', ['-a', '-vv', '-t', 'execute', app], { signal });
  const verdict = parseSpctl(`${answer.stdout}\n${answer.stderr}`);
  if (!verdict) return notOk(`spctl: ${wordsOf(answer)}`);
  const seen = `${verdict.accepted ? 'accepted' : 'rejected'}, ${verdict.source}`;
  if (verdict.accepted) return judge([], seen);
  return (await isAdHoc(app, signal))
    ? notHere(`signed for this Mac alone: ${seen}`)
    : notOk(`it would not be opened: ${seen}`);
}

async function isAdHoc(app: string, signal: AbortSignal): Promise<boolean> {
  const shown = await ask('codesign', ['-dvv', app], { signal });
  return parseCodesign(shown.stderr)?.by === 'ad hoc';
}

async function checkTicket(app: string, signal: AbortSignal): Promise<Finding> {
  if (await isAdHoc(app, signal)) return notHere('signed for this Mac alone');
  // Without the tools, xcrun opens a window that asks to install them.
  const tools = await ask('/usr/bin/xcode-select', ['-p'], { signal });
  if (tools.code !== 0) return notHere('the command line tools are not installed');
  const answer = await ask('xcrun', ['stapler', 'validate', app], { signal });
  return judge(answer.code === 0 ? [] : ['no ticket is stapled to it'], wordsOf(answer));
}

async function checkAppNap(app: string, signal: AbortSignal): Promise<Finding> {
  const file = join(app, 'Contents', 'Info.plist');
  const key = 'LSAppNapIsDisabled';
  const answer = await ask('plutil', ['-extract', key, 'raw', '-o', '-', file], { signal });
  return judge(
    answer.stdout.trim() === 'true' ? [] : ['it can be napped'],
    `${key} ${said(answer)}`,
  );
}

const said = (answer: Answer): string => answer.stdout.trim() || wordsOf(answer);

async function checkUv(app: string, signal: AbortSignal): Promise<Finding> {
  const file = join(app, 'Contents', 'Resources', 'bin', 'uv');
  const answer = await ask(file, ['--version'], { signal });
  return judge(/^uv \d/.test(answer.stdout) ? [] : ['it does not run'], said(answer));
}
