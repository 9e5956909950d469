// What each package of a locked list weighs: the bytes of its wheel and those of the files in it. For
// lock-engines.mjs.
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** The glibc versions whose wheels run on that of MLX's own wheels, the newest first. */
const MANYLINUX = Array.from({ length: 31 }, (_, index) => `manylinux_2_${35 - index}`);

/** What pip calls each; of Linux every name, for it takes only those of macOS to mean older ones too. */
const TAGS = {
  'macos-arm64': ['macosx_14_0_arm64'],
  'linux-x64': linuxTags('x86_64'),
  'linux-arm64': linuxTags('aarch64'),
};

function linuxTags(machine) {
  return [...MANYLINUX, 'manylinux2014', 'linux'].map((name) => `${name}_${machine}`);
}

/** What pip would fetch is fetched and looked into: an index need not tell sizes, and none tells those on the disk. */
const LOOK = `
import json, pathlib, sys, zipfile
found = []
for file in sorted(pathlib.Path(sys.argv[1]).glob("*.whl")):
    with zipfile.ZipFile(file) as wheel:
        disk = sum(part.file_size for part in wheel.infolist())
    found.append([file.name.split("-")[0], file.stat().st_size, disk])
print(json.dumps(found))
`;

/**
 * Lines `NAME DOWNLOAD DISK` for a list of packages; undefined where one of them is to be built on this platform: what
 * that takes shows only there.
 * @param python a Python with pip; the wheels are those for `version`, whatever its own is.
 */
export async function measurePackages({ python, list, platform, version, folder }) {
  const wheels = await mkdtemp(join(folder, 'wheels-'));
  const options = ['--quiet', '--no-deps', '--require-hashes', '--only-binary', ':all:'];
  const target = TAGS[platform].flatMap((tag) => ['--platform', tag]);
  const args = ['-m', 'pip', 'download', ...options, ...target, '--python-version', version];
  try {
    await execute(python, [...args, '--dest', wheels, '--requirement', list]);
    const { stdout } = await execute(python, ['-c', LOOK, wheels]);
    return JSON.parse(stdout).map(
      ([name, download, disk]) => `${normalized(name)} ${download} ${disk}\n`,
    );
  } catch (error) {
    if (/No matching distribution found/.test(error.stderr)) return undefined;
    throw error;
  } finally {
    await rm(wheels, { recursive: true, force: true });
  }
}

/** A package's name as the lists write it (packaging.python.org, "Names and normalization"). */
function normalized(name) {
  return name.replaceAll(/[-_.]+/g, '-').toLowerCase();
}
