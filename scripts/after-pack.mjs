// Called by electron-builder when the .app is put together and before it is signed: takes back what it writes into
// Info.plist by itself and an application that talks to this machine and to https alone does not need, and compares
// uv with what was fetched, byte by byte, which no signature has changed yet.
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { uvFacts } from './fetch-uv.mjs';

/**
 * Plain connections everywhere (electron-builder 26, electronMac.js `configureLocalhostAts`, whatever `extendInfo` says)
 * become connections to this machine; the sentences that ask for camera, microphone and Bluetooth go.
 */
export function withoutWhatIsNotNeeded(xml) {
  const transport =
    /(<key>NSAppTransportSecurity<\/key>\s*)<dict>(?:(?!<dict>|<\/dict>)[\s\S]|<dict>(?:(?!<dict>|<\/dict>)[\s\S]|<dict>(?:(?!<dict>|<\/dict>)[\s\S])*<\/dict>)*<\/dict>)*<\/dict>/;
  if (!transport.test(xml))
    throw new Error('Info.plist has no NSAppTransportSecurity that could be mended.');
  return xml
    .replace(
      transport,
      '$1<dict><key>NSAllowsArbitraryLoads</key><false/><key>NSAllowsLocalNetworking</key><true/></dict>',
    )
    .replaceAll(/\s*<key>NS\w+UsageDescription<\/key>\s*<string>[^<]*<\/string>/g, '');
}

/** @throws Error where the packed uv is not the one that was fetched. */
async function requireFetchedUv(file) {
  const { sha256, version } = await uvFacts();
  const hash = createHash('sha256')
    .update(await readFile(file))
    .digest('hex');
  if (hash !== sha256)
    throw new Error(`The package holds a uv with the SHA-256 ${hash}; fetched was uv ${version}.`);
}

export default async function afterPack({ appOutDir, packager }) {
  const contents = join(appOutDir, `${packager.appInfo.productFilename}.app`, 'Contents');
  const file = join(contents, 'Info.plist');
  await writeFile(file, withoutWhatIsNotNeeded(await readFile(file, 'utf8')));
  await requireFetchedUv(join(contents, 'Resources', 'bin', 'uv'));
}
