import type { Listener, ProcessInfo } from '../ports/processes';
import { ipv4Text, ipv6Text } from './addresses';
import { startTimeText } from './identity';

/*
 * Structures of XNU as 64-bit programs see them, all of them little-endian. The offsets follow from the
 * declarations in bsd/sys/sysctl.h and bsd/sys/proc.h (kinfo_proc), bsd/sys/proc_info.h (proc_fdinfo,
 * socket_fdinfo) and bsd/sys/resource.h (rusage_info_v2) of apple-oss-distributions/xnu;
 * tests/fixtures/mac-library.c declares the same ones for a compiler.
 */

/** `struct kinfo_proc`. */
export const KINFO_PROC_BYTES = 648;
const KINFO_PROC = {
  startSeconds: 0,
  startMicroseconds: 8,
  stat: 36,
  pid: 40,
  comm: 243,
  commBytes: 17,
  uid: 420,
  ppid: 560,
  pgid: 564,
} as const;

/** SIDL, SRUN, SSLEEP, SSTOP and SZOMB of bsd/sys/proc.h, as letters of ps. */
const STATES = ['?', 'I', 'R', 'S', 'T', 'Z'];

export interface MacProcess extends ProcessInfo {
  /** The effective user. */
  readonly uid: number;
}

/** The records of an answer of `kern.proc`; undefined where it is not made of whole ones. */
export function parseKinfoProcs(answer: Buffer): MacProcess[] | undefined {
  if (answer.length % KINFO_PROC_BYTES !== 0) return undefined;
  return Array.from({ length: answer.length / KINFO_PROC_BYTES }, (_, index) =>
    parseKinfoProc(answer.subarray(index * KINFO_PROC_BYTES, (index + 1) * KINFO_PROC_BYTES)),
  );
}

function parseKinfoProc(record: Buffer): MacProcess {
  const seconds = Number(record.readBigInt64LE(KINFO_PROC.startSeconds));
  const { comm, commBytes } = KINFO_PROC;
  return {
    pid: record.readInt32LE(KINFO_PROC.pid),
    ppid: record.readInt32LE(KINFO_PROC.ppid),
    pgid: record.readInt32LE(KINFO_PROC.pgid),
    startTime: startTimeText(seconds, record.readInt32LE(KINFO_PROC.startMicroseconds)),
    command: textUntilZero(record.subarray(comm, comm + commBytes)),
    state: STATES[record.readInt8(KINFO_PROC.stat)] ?? '?',
    uid: record.readUInt32LE(KINFO_PROC.uid),
  };
}

function textUntilZero(bytes: Buffer): string {
  const end = bytes.indexOf(0);
  return bytes.toString('utf8', 0, end === -1 ? bytes.length : end);
}

/** What `kern.procargs2` tells: how a program was called, and with which environment. */
export interface ProcessArguments {
  readonly argv: readonly string[];
  readonly environment: readonly string[];
}

/**
 * The number of arguments, the program's path, padding with zero bytes, then each argument and each variable of
 * the environment ended by a zero byte (sysctl_procargsx in bsd/kern/kern_sysctl.c). The system leaves the
 * environment of its own programs out. Undefined where the answer is shorter than that.
 */
export function parseArguments(answer: Buffer): ProcessArguments | undefined {
  if (answer.length < 4) return undefined;
  const count = answer.readInt32LE(0);
  let at = answer.indexOf(0, 4);
  if (at === -1) return undefined;
  while (answer[at] === 0) at += 1;
  const strings: string[] = [];
  while (at < answer.length) {
    const zero = answer.indexOf(0, at);
    const end = zero === -1 ? answer.length : zero;
    strings.push(answer.toString('utf8', at, end));
    at = end + 1;
  }
  return { argv: strings.slice(0, count), environment: strings.slice(count) };
}

/** `struct proc_fdinfo`: a descriptor and its type. */
export const FD_INFO_BYTES = 8;
/** PROX_FDTYPE_SOCKET */
const FD_TYPE_SOCKET = 2;

/** The descriptors that are sockets. */
export function parseSocketFds(answer: Buffer): number[] {
  const fds: number[] = [];
  for (let at = 0; at + FD_INFO_BYTES <= answer.length; at += FD_INFO_BYTES) {
    if (answer.readUInt32LE(at + 4) === FD_TYPE_SOCKET) fds.push(answer.readInt32LE(at));
  }
  return fds;
}

/** `struct socket_fdinfo`. */
export const SOCKET_INFO_BYTES = 792;
const SOCKET_INFO = {
  family: 184,
  kind: 256,
  localPort: 268,
  vflag: 288,
  localAddress: 312,
  tcpState: 344,
} as const;
/** SOCKINFO_TCP, TSI_S_LISTEN, TSI_S_ESTABLISHED, INI_IPV4, INI_IPV6 */
const KIND_TCP = 2;
const STATE_LISTEN = 1;
const STATE_ESTABLISHED = 4;
const FLAG_IPV4 = 1;
const FLAG_IPV6 = 2;

export interface TcpSocket {
  readonly state: 'listen' | 'established' | 'other';
  /** Of this end. */
  readonly port: number;
  readonly listener: Omit<Listener, 'pid'>;
}

/** Undefined for a socket that is not one of TCP. */
export function parseTcpSocket(info: Buffer): TcpSocket | undefined {
  if (info.readInt32LE(SOCKET_INFO.kind) !== KIND_TCP) return undefined;
  const state = info.readInt32LE(SOCKET_INFO.tcpState);
  return {
    state:
      state === STATE_LISTEN ? 'listen' : state === STATE_ESTABLISHED ? 'established' : 'other',
    // An int that holds the port in the order of the network.
    port: info.readUInt16BE(SOCKET_INFO.localPort),
    listener: parseLocalEnd(info),
  };
}

/**
 * A socket of IPv6 on :: takes connections of IPv4 as well where it has both flags (tcp6_usr_bind in
 * bsd/netinet/tcp_usrreq.c); one that is bound to an address of IPv4 has the flag of IPv4 alone.
 */
function parseLocalEnd(info: Buffer): TcpSocket['listener'] {
  const { localAddress } = SOCKET_INFO;
  const flags = info.readUInt8(SOCKET_INFO.vflag);
  const address = info.subarray(localAddress, localAddress + 16);
  if ((flags & FLAG_IPV6) === 0) {
    // struct in4in6_addr: three empty words, then the address.
    return { family: 'tcp4', address: ipv4Text(address.subarray(12)), v6only: undefined };
  }
  return { family: 'tcp6', address: ipv6Text(address), v6only: (flags & FLAG_IPV4) === 0 };
}

/** `struct rusage_info_v2`: 16 bytes of `ri_uuid`, then fields of 64 bits. */
export const RUSAGE_BYTES = 160;
const RUSAGE = { userTime: 16, systemTime: 24, physFootprint: 72 } as const;

/** CPU time in units of the kernel's clock, and the footprint in bytes, which counts the GPU's memory too. */
export function parseRusage(info: Buffer): { cpuTicks: number; footprintBytes: number } {
  const field = (at: number): number => Number(info.readBigUInt64LE(at));
  return {
    cpuTicks: field(RUSAGE.userTime) + field(RUSAGE.systemTime),
    footprintBytes: field(RUSAGE.physFootprint),
  };
}
