import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));

/** The folder of what ships beside the program (`resources`), seen from the built program or from the source. */
export const RESOURCES: string =
  [join(here, '..', '..', 'resources'), join(here, '..', '..', '..', 'resources')].find((folder) =>
    existsSync(join(folder, 'engines')),
  ) ?? join(here, '..', '..', 'resources');
