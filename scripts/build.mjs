// `npm run build`: builds the manager and the screens into dist/, whether stale or not.
import { ensureBuilt, ensureInstalled } from './ensure.mjs';
import { fail } from './node24.mjs';

ensureInstalled()
  .then(() => ensureBuilt({ force: true }))
  .catch(fail);
