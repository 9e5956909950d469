import http from 'node:http';
import { markPath, type ProbeMark } from '@shared/probe-mark';

export interface ProbeAnswer {
  readonly status: number;
  readonly body: string;
}

export interface ProbeRequest {
  readonly host: string;
  readonly port: number;
  readonly path: string;
  /** Sent as JSON by POST when given. */
  readonly body?: unknown;
  /** 0: no limit but the signal. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  /** Called with each piece of the body as it arrives. */
  readonly onChunk?: (text: string) => void;
  /**
   * Marks the request as the manager's own, so that its lines in the engine's log are known as such.
   */
  readonly mark?: PathMark | undefined;
}

/** How a path is marked, and a path that the server has. */
export interface PathMark {
  readonly by: ProbeMark;
  readonly known: string;
}

/** A body that is larger than this is no answer of an engine to a probe. */
const MAX_BODY_BYTES = 1024 * 1024;

/**
 * One HTTP request without connection re-use: engines that speak HTTP/1.0 close it anyway, and a probe
 * must not be answered by a connection of an earlier process. Where the server does not take paths with
 * the mark for the same ones, it is asked again without. Rejects when there is no answer.
 */
export async function probe(request: ProbeRequest): Promise<ProbeAnswer> {
  const { mark, path } = request;
  if (mark === undefined) return ask(request);
  const answer = await ask({ ...request, path: markPath(path, mark.by) });
  if (!isRefusal(answer)) return answer;
  // It may mean what it says: mlx_lm.server answers 404 when its generation thread is dead.
  if (path !== mark.known) {
    const { body: _, ...get } = request;
    const known = await ask({ ...get, path: markPath(mark.known, mark.by) });
    if (!isRefusal(known)) return answer;
  }
  return ask(request);
}

/** What a server says to a path that it does not know. */
function isRefusal({ status }: ProbeAnswer): boolean {
  return status === 400 || status === 404 || status === 405;
}

function ask(request: ProbeRequest): Promise<ProbeAnswer> {
  const payload = request.body === undefined ? undefined : JSON.stringify(request.body);
  return new Promise((resolve, reject) => {
    const call = http.request(
      {
        host: dialHost(request.host),
        port: request.port,
        path: request.path,
        method: payload === undefined ? 'GET' : 'POST',
        agent: false,
        ...(request.signal === undefined ? {} : { signal: request.signal }),
        headers:
          payload === undefined
            ? {}
            : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(payload) },
      },
      (response) => {
        let body = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => {
          if (body.length < MAX_BODY_BYTES) body += chunk;
          request.onChunk?.(chunk);
        });
        response.on('error', reject);
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
      },
    );
    if (request.timeoutMs > 0) {
      call.setTimeout(request.timeoutMs, () => {
        call.destroy(new Error(`no answer within ${request.timeoutMs} ms`));
      });
    }
    call.on('error', reject);
    call.end(payload);
  });
}

/** Where to reach a server that listens on `host`: an address of this machine, never a wildcard. */
export function dialHost(host: string): string {
  return host === '0.0.0.0' || host === 'localhost' ? '127.0.0.1' : host;
}
