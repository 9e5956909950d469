import { isIPv4, isIPv6 } from 'node:net';

import type { Listener, Seen } from '../ports/processes';
import { canonicalIpv6, mappedIpv4 } from './addresses';
import { badAnswer, runTool, type ToolAnswer } from './run-tool';
import { known, unknown } from './seen';

/** One open file of a process, by the letters of lsof's field output. */
interface OpenFile {
  readonly pid: number;
  readonly type: string;
  readonly name: string;
}

/** Who listens on the TCP port, of the processes that this user may look into. */
export async function findListeners(
  port: number,
  candidates?: readonly number[],
): Promise<Seen<Listener[]>> {
  if (candidates?.length === 0) return known([]);
  const only = candidates ? ['-a', '-p', candidates.join(',')] : [];
  const files = await askLsof([`-iTCP:${port}`, '-sTCP:LISTEN', ...only]);
  if (!files.known) return files;
  const listeners: Listener[] = [];
  for (const file of files.value) {
    const socket = parseSocket(file);
    if (!socket) return unknown(`lsof named an address that is not understood: ${file.name}`);
    listeners.push({ ...socket, pid: file.pid });
  }
  return known(listeners);
}

/** The open connections of the process whose own end is the port. */
export async function countConnections(port: number, pid: number): Promise<Seen<number>> {
  const files = await askLsof(['-a', '-p', String(pid), `-iTCP:${port}`, '-sTCP:ESTABLISHED']);
  if (!files.known) return files;
  const own = files.value.filter(({ name }) => name.split('->')[0]?.endsWith(`:${port}`));
  return known(own.length);
}

/**
 * `-n -P`: addresses and ports as numbers; `-w`: no warnings, so that what is on stderr is an error; `-V`: says
 * what was looked for and not found, without which nobody could tell finding nothing from having failed, both of
 * which end with 1 (lsof(8)).
 */
async function askLsof(args: readonly string[]): Promise<Seen<OpenFile[]>> {
  const answer = await runTool('lsof', ['-nPwV', ...args, '-Fpftn']);
  return answer.known ? readAnswer(answer.value) : answer;
}

const NOT_FOUND = /^\S*lsof: .* not located: /;

function readAnswer(answer: ToolAnswer): Seen<OpenFile[]> {
  const lines = answer.stdout.split('\n').filter((line) => line !== '');
  const words = lines.filter((line) => NOT_FOUND.test(line));
  const fields = lines.filter((line) => !NOT_FOUND.test(line));
  const found = parseFields(fields);
  const isAnswered = fields.length > 0 || words.length > 0;
  const hasFailed = answer.code !== 0 && words.length === 0;
  const isCut = answer.stdout !== '' && !answer.stdout.endsWith('\n');
  if (!isAnswered || hasFailed || isCut || answer.stderr !== '' || !found) {
    return badAnswer('lsof', answer);
  }
  return known(found);
}

/** Lines of field output: `p` begins a process, `f` a file of it; undefined where it is something else, or cut. */
function parseFields(lines: readonly string[]): OpenFile[] | undefined {
  const files: OpenFile[] = [];
  let pid = Number.NaN;
  let type: string | undefined;
  for (const line of lines) {
    const value = line.slice(1);
    if (line.startsWith('p')) pid = Number(value);
    else if (line.startsWith('f')) type = '';
    else if (line.startsWith('t')) type = value;
    else if (line.startsWith('n') && type !== undefined) {
      files.push({ pid, type, name: value });
      type = undefined;
    } else return undefined;
  }
  const isWhole = type === undefined && files.every((file) => Number.isInteger(file.pid));
  return isWhole ? files : undefined;
}

/** `127.0.0.1:80`, `[::1]:80` or `*:80`, with the family in the type. */
function parseSocket({ type, name }: OpenFile): Omit<Listener, 'pid'> | undefined {
  const address = /^(?:\[([^\]]+)\]|([^[\]]+)):\d+$/.exec(name);
  const text = address?.[1] ?? address?.[2];
  if (type === 'IPv4') {
    const host = text === '*' ? '0.0.0.0' : text;
    return host !== undefined && isIPv4(host)
      ? { family: 'tcp4', address: host, v6only: undefined }
      : undefined;
  }
  if (type !== 'IPv6' || text === undefined) return undefined;
  const host = text === '*' ? '::' : (text.split('%')[0] ?? '');
  // An address of IPv4 on a socket of IPv6 is printed without its wrapping.
  const mapped = isIPv4(host) ? host : mappedIpv4(host);
  if (mapped !== undefined) return { family: 'tcp4', address: mapped, v6only: undefined };
  return isIPv6(host)
    ? { family: 'tcp6', address: canonicalIpv6(host), v6only: undefined }
    : undefined;
}
