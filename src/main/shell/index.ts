import { join } from 'node:path';
import { app } from 'electron';
import { dataHome, pathsOf } from '@host/paths';
import { parseFlags } from './flags';
import { LinkInbox } from './link-inbox';
import { preboot } from './preboot';

// The entry: what must be done before Electron is ready stands here, in one go; the rest is desktop.ts.
// Packaged, the program's arguments follow its name; from source the folder comes between.
const flags = parseFlags(process.argv.slice(app.isPackaged ? 1 : 2));

if (flags.commandLine) {
  // The application started as `mlx-manager`: no window, no icon, only the command.
  app.dock?.hide();
  process.argv = [process.execPath, 'mlx-manager', ...flags.commandLine];
  void import('../../cli/index');
} else {
  const paths = pathsOf(dataHome(process.env));
  const { hidden, link } = flags;
  const links = new LinkInbox(link);
  if (preboot(paths, { hidden, link })) {
    // dist/main/shell.js, dist/preload and dist/renderer are built side by side.
    const dist = join(import.meta.dirname, '..');
    void import('./desktop').then(({ runDesktop }) => runDesktop({ paths, hidden, links, dist }));
  } else {
    app.exit(0);
  }
}
