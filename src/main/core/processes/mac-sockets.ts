import type { MacLibrary } from './mac-library';
import {
  FD_INFO_BYTES,
  parseSocketFds,
  parseTcpSocket,
  SOCKET_INFO_BYTES,
  type TcpSocket,
} from './mac-structs';

/** Flavors of proc_pidinfo and proc_pidfdinfo (bsd/sys/proc_info.h). */
const PROC_PIDLISTFDS = 1;
const PROC_PIDFDSOCKETINFO = 3;
const EPERM = 1;
const ESRCH = 3;
const EBADF = 9;
/** What macOS says of a descriptor that is no socket any more (bsd/sys/errno.h). */
const ENOTSOCK = 38;

/**
 * The TCP sockets that a process has open; none where it has ended or is another user's.
 * @throws where the system could not tell.
 */
export function listTcpSockets(library: MacLibrary, pid: number): TcpSocket[] {
  const info = Buffer.alloc(SOCKET_INFO_BYTES);
  return parseSocketFds(listFds(library, pid)).flatMap((fd) => {
    const filled = library.fdInfo(pid, fd, PROC_PIDFDSOCKETINFO, info);
    if (filled === SOCKET_INFO_BYTES) return parseTcpSocket(info) ?? [];
    // Closed since the list was read.
    checkErrno(library, 'proc_pidfdinfo', pid, [ESRCH, EPERM, EBADF, ENOTSOCK]);
    return [];
  });
}

function listFds(library: MacLibrary, pid: number): Buffer {
  for (let count = 256; ; count *= 4) {
    const list = Buffer.alloc(count * FD_INFO_BYTES);
    const filled = library.pidInfo(pid, PROC_PIDLISTFDS, list);
    if (filled === 0) checkErrno(library, 'proc_pidinfo', pid, [0, ESRCH, EPERM]);
    // A full list may have been cut.
    if (filled < list.length) return list.subarray(0, filled);
  }
}

function checkErrno(library: MacLibrary, call: string, pid: number, fine: readonly number[]): void {
  const errno = library.errno();
  if (!fine.includes(errno)) throw new Error(`${call} of ${pid} failed with errno ${errno}`);
}
