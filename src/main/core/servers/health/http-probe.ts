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
  /** Marks the request as the manager's own, so that its lines in the engine's log are known as such. */
  readonly mark?: ProbeMark;
}

/** A body that is larger than this is no answer of an engine to a probe. */
const MAX_BODY_BYTES = 1024 * 1024;

/** What a server says to a path that it does not take for the same one because of the mark. */
const NOT_KNOWN = [400, 404, 405];

/**
 * One HTTP request without connection re-use: engines that speak HTTP/1.0 close it anyway, and a probe
 * must not be answered by a connection of an earlier process. Where the server does not know the path
 * with its mark, it is asked again without. Rejects when there is no answer.
 */
export async function probe(request: ProbeRequest): Promise<ProbeAnswer> {
  const { mark, path } = request;
  if (mark === undefined) return ask(request);
  const answer = await ask({ ...request, path: markPath(path, mark) });
  return NOT_KNOWN.includes(answer.status) ? ask(request) : answer;
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
