import { readFile } from 'node:fs/promises';
import { securityHeaders } from '@host/security-headers';
import { findStaticFile } from '@host/static-files';
import { protocol } from 'electron';
import { APP_SCHEME, isOurUrl } from './our-url';

/** Once, and before `ready` (docs/api/protocol): the screens get an origin of their own, as a site has. */
export function registerAppScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: APP_SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: true } },
  ]);
}

/** Serves the built screens at {@link APP_SCHEME}; after `ready`. */
export function serveApp(rendererFolder: string): void {
  protocol.handle(APP_SCHEME, (request) => answer(rendererFolder, request));
}

/** The answer to one request of the window: a built file or a refusal, both with every security header. */
export async function answer(rendererFolder: string, request: Request): Promise<Response> {
  if (request.method !== 'GET' && request.method !== 'HEAD') return refuse(405);
  if (!isOurUrl(request.url)) return refuse(403);
  const file = await findStaticFile(rendererFolder, new URL(request.url).pathname);
  if (!file) return refuse(404);
  const body = request.method === 'HEAD' ? null : new Uint8Array(await readFile(file.path));
  return new Response(body, {
    headers: {
      ...headers(),
      'Content-Type': file.type,
      'Content-Length': String(file.size),
      'Cache-Control': file.cacheControl,
    },
  });
}

function refuse(status: number): Response {
  return new Response(null, { status, headers: headers() });
}

function headers(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(securityHeaders()).map(([name, value]) => [name, String(value)]),
  );
}
