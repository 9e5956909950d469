// `npm run make-icons`: draws the pictures of the application from resources/icons/*.svg, in Chromium: the icon as
// .png and .icns, the menu-bar images and the glyphs of its menu as template images in two sizes.
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fail, root } from './node24.mjs';

const SOURCES = join(root, 'resources', 'icons');
const TRAY = join(root, 'resources', 'tray');

/**
 * The parts of an .icns file whose content is a PNG, with their size in pixels (@2x parts have a type of their own).
 * Not icp4 and icp5, the plain 16 and 32: macOS shows a PNG in those scrambled where the file is the icon of an
 * application. Without them it draws these sizes from the others.
 */
const ICNS_PARTS = [
  ['ic11', 32],
  ['ic12', 64],
  ['ic07', 128],
  ['ic13', 256],
  ['ic08', 256],
  ['ic14', 512],
  ['ic09', 512],
  ['ic10', 1024],
];

/** A container: `icns`, the length of all, then for each part its type, its length with this head, its content. */
export function icns(parts) {
  const body = parts.map(([type, content]) => Buffer.concat([head(type, content.length), content]));
  const length = body.reduce((sum, part) => sum + part.length, 0);
  return Buffer.concat([head('icns', length), ...body]);
}

function head(type, contentLength) {
  const bytes = Buffer.alloc(8);
  bytes.write(type, 'latin1');
  bytes.writeUInt32BE(contentLength + 8, 4);
  return bytes;
}

/** `tray-idle.svg` becomes `trayIdleTemplate.png`; macOS takes a name that ends so for a template image. */
function templateName(file, scale) {
  const words = file.replace(/\.svg$/, '').split('-');
  const name = file.startsWith('glyph-')
    ? words[1]
    : words
        .map((word, index) => (index === 0 ? word : word[0].toUpperCase() + word.slice(1)))
        .join('');
  return `${name}Template${scale === 2 ? '@2x' : ''}.png`;
}

async function main() {
  const { chromium } = createRequire(import.meta.url)('playwright');
  const executablePath = [process.env.MLX_MANAGER_CHROMIUM, '/usr/bin/chromium'].find(
    (path) => path && existsSync(path),
  );
  const browser = await chromium.launch({
    ...(executablePath ? { executablePath } : {}),
    args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
  });
  const page = await browser.newPage();
  const draw = async (svg, size) => {
    await page.setViewportSize({ width: size, height: size });
    const sized = svg.replace(/width="\d+" height="\d+"/, `width="${size}" height="${size}"`);
    await page.setContent(`<style>*{margin:0}svg{display:block}</style>${sized}`);
    return page.screenshot({ omitBackground: true });
  };
  await mkdir(TRAY, { recursive: true });
  const files = (await readdir(SOURCES)).filter((file) => /^(tray|glyph)-.*\.svg$/.test(file));
  for (const file of files.sort()) {
    const svg = await readFile(join(SOURCES, file), 'utf8');
    for (const scale of [1, 2]) {
      await writeFile(join(TRAY, templateName(file, scale)), await draw(svg, 16 * scale));
    }
  }
  const icon = await readFile(join(SOURCES, 'icon.svg'), 'utf8');
  const drawn = new Map();
  for (const [, size] of ICNS_PARTS) {
    if (!drawn.has(size)) drawn.set(size, await draw(icon, size));
  }
  await writeFile(join(root, 'resources', 'icon.png'), drawn.get(1024));
  await writeFile(
    join(root, 'resources', 'icon.icns'),
    icns(ICNS_PARTS.map(([type, size]) => [type, drawn.get(size)])),
  );
  await browser.close();
}

if (process.argv[1] === import.meta.filename) main().catch(fail);
