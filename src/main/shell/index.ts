import { join } from 'node:path';
import { dataHome, pathsOf } from '@host/paths';
import { app, dialog } from 'electron';
import { parseFlags } from './flags';
import { LinkInbox } from './link-inbox';
import { preboot } from './preboot';

// The entry: what must be done before Electron is ready stands here, in one go; the rest is desktop.ts.
// Packaged, the program's arguments follow its name; from source the folder comes between.
const { hidden, link, gateway } = parseFlags(process.argv.slice(app.isPackaged ? 1 : 2));
const paths = pathsOf(dataHome(process.env));

const links = new LinkInbox(link);
if (isFirst()) {
  // dist/main/shell.js, dist/preload and dist/renderer are built side by side.
  const dist = join(import.meta.dirname, '..');
  import('./desktop')
    .then(({ runDesktop }) => runDesktop({ paths, hidden, links, dist, gateway }))
    .catch(giveUp);
}

/** A part of the program is missing or broken. */
function giveUp(error: unknown): void {
  console.error(error);
  dialog.showErrorBox("MLX Manager couldn't start", String(error));
  app.exit(1);
}

/** Whether this process is to be the application; where it is not, it ends, and says why if that is an error. */
function isFirst(): boolean {
  try {
    if (preboot(paths, { hidden, link })) return true;
    app.exit(0);
  } catch (error) {
    const sentence = (error as Error).message;
    console.error(sentence);
    dialog.showErrorBox("MLX Manager couldn't start", sentence);
    app.exit(1);
  }
  return false;
}
