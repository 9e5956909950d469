import { dirname } from 'node:path/posix';
import { describe, expect, it } from 'vitest';
import { importsOf, resolveOwn, type Source } from '../architecture';
import { readSources } from '../read-sources';
import { RENDERER_ROOMS, SHARED_OF_COMPONENTS } from '../renderer-rooms';
import { findRoomCircles, findRoomViolations } from '../rooms';

const screens = async (): Promise<Source[]> =>
  (await readSources()).filter(({ path }) => path.startsWith('src/renderer/'));

/** What of `src/shared` the components use, each as `FILE: PATH`, beyond what they may. */
function domainOfComponents(sources: readonly Source[]): string[] {
  return sources
    .filter(({ path }) => path.startsWith('src/renderer/components/'))
    .flatMap(({ path, text }) =>
      importsOf(text)
        .map(({ specifier }) => resolveOwn(path, specifier) ?? '')
        .filter((target) => target.startsWith('src/shared/'))
        .filter((target) => !SHARED_OF_COMPONENTS.some((one) => target.startsWith(`src/${one}`)))
        .map((target) => `${path}: ${target}`),
    );
}

const file = (path: string, text = ''): Source => ({ path: `src/renderer/${path}`, text });
const type = (name: string) => `import type { A } from '@renderer/${name}';`;

describe('the rooms of the screens', () => {
  it('are all those of the table', async () => {
    const folders = new Set((await screens()).map(({ path }) => dirname(path).replace('src/', '')));
    expect([...folders].sort()).toEqual(Object.keys(RENDERER_ROOMS).sort());
  });

  it('have components that know nothing of the domain', async () => {
    expect(domainOfComponents(await screens())).toEqual([]);
    const glyph = file('components/Glyph.tsx', `import type { S } from '@shared/domain/server';`);
    expect(domainOfComponents([glyph])).toHaveLength(1);
  });

  it.each([
    ['a screen in another screen', 'features/engines/a.ts', 'features/servers/b'],
    ['a part of a screen in another screen', 'features/engines/a.ts', 'features/servers/logs/b'],
    ['a screen in a part of its own', 'features/servers/list/a.ts', 'features/servers/b'],
    ['a screen below the screens', 'domain/servers/a.ts', 'features/servers/b'],
    ['the domain in a component', 'components/a.tsx', 'domain/servers/b'],
    ['the window in a screen', 'features/servers/a.tsx', 'app/b'],
  ])('refuse %s, be it a type alone', (_, path, target) => {
    const sources = [file(path, type(target)), file(`${target}.ts`)];
    expect(findRoomViolations(sources)).toEqual([expect.stringContaining('must not import')]);
  });

  it('refuse a folder that is not in the table, and two that need each other', () => {
    expect(findRoomViolations([file('attic/a.ts')])).toHaveLength(1);
    const hub = file('domain/hub/a.ts', type('domain/downloads/b'));
    const downloads = file('domain/downloads/b.ts', type('domain/hub/a'));
    expect(findRoomCircles([hub, downloads])).toHaveLength(1);
  });
});
