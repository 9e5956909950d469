import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const file = join(import.meta.dirname, '../../../fixtures/client-requests/chat/requests.json');

/** Bodies as clients sent them, by client and case. */
export const CLIENT_REQUESTS: readonly (readonly [string, Readonly<Record<string, unknown>>])[] =
  Object.entries(JSON.parse(readFileSync(file, 'utf8')));
