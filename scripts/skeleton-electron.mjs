// The outline of an Electron.app: enough for electron-builder to make a package of it on any system, so that what we
// put into the package can be looked at. It does not run.
import { chmod, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { root } from './node24.mjs';

/** Where Electron keeps its fuses: this text, a version byte, a length byte, one character each (docs/tutorial/fuses). */
const SENTINEL = 'dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX';
const FUSES = 9;

const HELPERS = ['', ' (GPU)', ' (Plugin)', ' (Renderer)'];

function plist(executable) {
  const keys = {
    CFBundleExecutable: executable,
    CFBundleIdentifier: `com.github.${executable.replaceAll(/[^A-Za-z]/g, '')}`,
    CFBundleName: executable,
    CFBundlePackageType: 'APPL',
    CFBundleVersion: '1',
  };
  const lines = Object.entries(keys).map(
    ([key, value]) => `<key>${key}</key><string>${value}</string>`,
  );
  return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0"><dict>${lines.join('')}</dict></plist>
`;
}

async function program(file) {
  await mkdir(join(file, '..'), { recursive: true });
  const wire = Buffer.concat([
    Buffer.from(SENTINEL),
    Buffer.from([1, FUSES]),
    Buffer.from('0'.repeat(FUSES)),
  ]);
  await writeFile(file, wire);
  await chmod(file, 0o755);
}

/** Makes it in `folder`, which is then what electron-builder calls `electronDist`. */
export async function makeSkeleton(folder) {
  const contents = join(folder, 'Electron.app', 'Contents');
  await program(join(contents, 'MacOS', 'Electron'));
  await writeFile(join(contents, 'Info.plist'), plist('Electron'));
  await mkdir(join(contents, 'Resources'), { recursive: true });
  await writeFile(
    join(contents, 'Resources', 'electron.icns'),
    await readFile(join(root, 'resources', 'icon.icns')),
  );
  const frameworks = join(contents, 'Frameworks');
  for (const kind of HELPERS) {
    const name = `Electron Helper${kind}`;
    await program(join(frameworks, `${name}.app`, 'Contents', 'MacOS', name));
    await writeFile(join(frameworks, `${name}.app`, 'Contents', 'Info.plist'), plist(name));
  }
  const framework = join(frameworks, 'Electron Framework.framework');
  await program(join(framework, 'Versions', 'A', 'Electron Framework'));
  await symlink('A', join(framework, 'Versions', 'Current'));
  await symlink('Versions/Current/Electron Framework', join(framework, 'Electron Framework'));
}
