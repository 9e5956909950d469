import { createRequire } from 'node:module';
import { join } from 'node:path';

import { PLACES } from './resources';

/**
 * Stands for the package `koffi` in the single executable (vite.config.ts): what is packed into one file can load
 * neither a library of the system nor a package, so koffi lies beside it.
 * @throws with the path where nothing is there.
 */
const koffi: typeof import('koffi') = createRequire(PLACES.packages)(
  join(PLACES.packages, 'koffi', 'index.cjs'),
);

export default koffi;
