import { createReadStream } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { extname, join, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.webmanifest': 'application/manifest+json',
  '.txt': 'text/plain; charset=utf-8',
};

/** Vite puts a hash of the content into the name: such a file never changes. */
const HASHED = /^\/assets\/[^/]+-[A-Za-z0-9_-]{8,}\.[a-z0-9]+$/;

/** Letters that a built file's path has; everything else (encoded dots, backslashes, NUL) is refused. */
const PLAIN_PATH = /^(?:\/(?!\.)[A-Za-z0-9._-]+)+$/;

export interface StaticFile {
  readonly path: string;
  readonly size: number;
  readonly type: string;
  readonly cacheControl: string;
}

/** The file for a URL path, or undefined: unknown type, outside the folder, a link that leads outside. */
export async function findStaticFile(
  folder: string,
  urlPath: string,
): Promise<StaticFile | undefined> {
  const path = urlPath === '/' ? '/index.html' : urlPath;
  const type = TYPES[extname(path)];
  if (type === undefined || !PLAIN_PATH.test(path)) return undefined;
  try {
    const base = await realpath(folder);
    const real = await realpath(join(base, path));
    if (!real.startsWith(base + sep)) return undefined;
    const info = await stat(real);
    if (!info.isFile()) return undefined;
    const cacheControl = HASHED.test(path) ? 'public, max-age=31536000, immutable' : 'no-cache';
    return { path: real, size: info.size, type, cacheControl };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ENAMETOOLONG') return undefined;
    throw error;
  }
}

/** Sends the file; the security headers are set already. */
export async function sendStaticFile(
  request: IncomingMessage,
  response: ServerResponse,
  file: StaticFile,
): Promise<void> {
  response.writeHead(200, {
    'Content-Type': file.type,
    'Content-Length': file.size,
    'Cache-Control': file.cacheControl,
  });
  if (request.method === 'HEAD') {
    response.end();
    return;
  }
  await pipeline(createReadStream(file.path, { end: Math.max(0, file.size - 1) }), response);
}
