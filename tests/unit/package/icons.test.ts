import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readPng } from '@fixtures/png';
import { describe, expect, it } from 'vitest';

const RESOURCES = join(import.meta.dirname, '..', '..', '..', 'resources');
const TRAY = ['trayIdle', 'trayRunning', 'trayLoading', 'trayProblem'] as const;
const GLYPHS = ['ready', 'working', 'warning', 'broken', 'off'] as const;

const picture = async (name: string) => readPng(await readFile(join(RESOURCES, name)));
const alphas = (rgba: Uint8Array): number[] => [...rgba].filter((_, index) => index % 4 === 3);

describe.each([...TRAY, ...GLYPHS])('%s', (name) => {
  it.each([
    ['', 16],
    ['@2x', 32],
  ])('is a template image%s of its size: black, shaped by its alpha alone', async (scale, size) => {
    const { width, height, rgba } = await picture(`tray/${name}Template${scale}.png`);
    expect([width, height]).toEqual([size, size]);
    const coloured = [...rgba].filter((value, index) => index % 4 !== 3 && value !== 0);
    expect(coloured).toEqual([]);
    const seen = alphas(rgba);
    expect(Math.max(...seen)).toBe(255);
    expect(seen.filter((alpha) => alpha === 0).length).toBeGreaterThan(size);
  });
});

it.each([
  ['menu bar', TRAY],
  ['menu', GLYPHS],
])('the pictures of the %s are told apart at 16 px', async (_, names) => {
  const drawn = await Promise.all(names.map((name) => picture(`tray/${name}Template.png`)));
  for (const [index, one] of drawn.entries()) {
    for (const other of drawn.slice(index + 1)) {
      const others = alphas(other.rgba);
      const differing = alphas(one.rgba).filter(
        (alpha, at) => Math.abs(alpha - (others[at] ?? 0)) > 96,
      );
      expect(differing.length).toBeGreaterThan(14);
    }
  }
});

it('the icon has its sizes as types whose PNG macOS also shows in an application', async () => {
  const bytes = await readFile(join(RESOURCES, 'icon.icns'));
  expect(bytes.toString('latin1', 0, 4)).toBe('icns');
  expect(bytes.readUInt32BE(4)).toBe(bytes.length);
  const sizes = new Map<string, number>();
  for (let at = 8; at < bytes.length; ) {
    const length = bytes.readUInt32BE(at + 4);
    const content = bytes.subarray(at + 8, at + length);
    sizes.set(bytes.toString('latin1', at, at + 4), readPng(Buffer.from(content)).width);
    at += length;
  }
  expect(Object.fromEntries(sizes)).toEqual({
    ...{ ic11: 32, ic12: 64, ic07: 128 },
    ...{ ic13: 256, ic08: 256, ic14: 512, ic09: 512, ic10: 1024 },
  });
  expect((await picture('icon.png')).width).toBe(1024);
});
