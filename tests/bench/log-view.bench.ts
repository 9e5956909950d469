import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { Page } from 'playwright';

import { launchBrowser, logIn, openVisitor } from '../fixtures/browser';
import { startManager } from '../fixtures/manager-process';
import { type BenchTable, pause, spread } from './measure';

const LINES = 100_000;
const ROUNDS = 5;
const WHEEL_STEPS = 60;
const JUMPS = 40;

/** A log of 100,000 lines on screen: the longest time between two frames while a person looks through it. */
export async function run(): Promise<BenchTable> {
  const manager = await startManager({ offline: true });
  const browser = await launchBrowser();
  try {
    const created = await manager.json('profile', 'create', 'Long log', '--model', 'demo');
    const profileId = idOf(created);
    await writeLog(join(manager.home.paths.logs, profileId));
    const { page, context } = await openVisitor(browser);
    await logIn(page, manager.url, manager.token);
    await page.goto(`${manager.url}/#/servers/${profileId}/logs`);
    await page.getByText('100,000 lines').waitFor();
    const idle = await rounds(page, () => pause(1000));
    const wheel = await rounds(page, () => turnWheel(page));
    const jump = await rounds(page, () => dragScrollbar(page));
    const search = await rounds(page, () => searchAndStep(page));
    const filter = await rounds(page, () => filterAndBack(page));
    await page.getByRole('button', { name: 'Wrap long lines' }).click();
    const wrapped = await rounds(page, () => turnWheel(page));
    await context.close();
    const row = (name: string, worst: readonly number[]): string[] => [name, '50', spread(worst)];
    return {
      name: `A log of ${LINES.toLocaleString('en-US')} lines on screen, ${ROUNDS} rounds`,
      rows: [
        ['worst frame, ms', 'limit', 'measured'],
        row('at rest', idle),
        row('wheel', wheel),
        row('dragging the scroll bar', jump),
        row('typing a search and stepping through it', search),
        row('filtering by level and source, and back', filter),
        row('wheel, with long lines wrapped', wrapped),
      ],
    };
  } finally {
    await browser.close();
    await manager.close();
  }
}

function idOf(created: unknown): string {
  const text = JSON.stringify(created);
  const id = /"id":"([a-z0-9]+)"/.exec(text)?.[1];
  if (id === undefined) throw new Error(`no profile in ${text}`);
  return id;
}

/** A run as the manager keeps it: the engine's lines, and beside them a time for each stretch. */
async function writeLog(folder: string): Promise<void> {
  const began = Date.UTC(2026, 10, 23, 10, 0, 0);
  const lines: string[] = [];
  const meta: object[] = [{ t: 'start', time: new Date(began).toISOString() }];
  let at = 0;
  for (let n = 0; n < LINES; n++) {
    const time = began + n * 100;
    if (n % 1000 === 0) meta.push({ t: 'mark', at, n, time });
    const line = `${lineText(n, new Date(time).toISOString())}\n`;
    lines.push(line);
    at += line.length;
  }
  const end = new Date(began + LINES * 100).toISOString();
  meta.push({ t: 'end', time: end, ended: 'stopped', outcome: 'stopped', n: LINES });
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, '1.log'), lines.join(''));
  await writeFile(
    join(folder, '1.meta.jsonl'),
    meta.map((entry) => `${JSON.stringify(entry)}\n`).join(''),
  );
}

/** What an engine under load prints, with a rare problem. */
function lineText(n: number, time: string): string {
  if (n % 997 === 0) return `${time} - ERROR - request ${n}: 'messages' must be a list`;
  if (n % 331 === 0) return `${time} - WARNING - stop sequence longer than 16 tokens was cut`;
  if (n % 7 === 0) return `${time} - INFO - Prompt Cache: ${n % 12} sequences, 0.35 GB`;
  return `${time} - INFO - Prompt processing progress: ${n % 4096}/4096 of request ${n}`;
}

async function rounds(page: Page, work: () => Promise<void>): Promise<number[]> {
  const worst: number[] = [];
  for (let round = 0; round < ROUNDS; round++) worst.push(await worstFrame(page, work));
  return worst;
}

/** The longest time between two frames of the page while something is done to it. */
async function worstFrame(page: Page, work: () => Promise<void>): Promise<number> {
  await page.evaluate(() => {
    const seen = { worst: 0, on: true };
    Object.assign(window, { seenFrames: seen });
    let before = performance.now();
    const frame = (): void => {
      const now = performance.now();
      seen.worst = Math.max(seen.worst, now - before);
      before = now;
      if (seen.on) requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
  });
  await work();
  await pause(200);
  return page.evaluate(() => {
    const { seenFrames } = window as unknown as { seenFrames: { worst: number; on: boolean } };
    seenFrames.on = false;
    return seenFrames.worst;
  });
}

const log = (page: Page) => page.getByRole('region', { name: 'Log of run 1' });

async function turnWheel(page: Page): Promise<void> {
  await log(page).hover();
  for (let step = 0; step < WHEEL_STEPS; step++) {
    await page.mouse.wheel(0, step < WHEEL_STEPS / 2 ? -900 : 600);
    await pause(16);
  }
}

/** Far jumps: every one needs lines that are not there yet. */
async function dragScrollbar(page: Page): Promise<void> {
  for (let jump = 0; jump < JUMPS; jump++) {
    await log(page).evaluate(
      (element, part) => {
        element.scrollTop = element.scrollHeight * part;
      },
      ((jump * 37) % 100) / 100,
    );
    await pause(25);
  }
}

async function searchAndStep(page: Page): Promise<void> {
  const field = page.getByRole('searchbox', { name: 'Search this run' });
  await field.fill('');
  await field.pressSequentially('prompt cache', { delay: 60 });
  await page.getByText(/ of 10,000\+/).waitFor();
  for (let step = 0; step < 20; step++) await field.press('Enter', { delay: 20 });
}

/** A filter reads through the whole run. */
async function filterAndBack(page: Page): Promise<void> {
  await page.getByRole('searchbox', { name: 'Search this run' }).fill('');
  await page.getByRole('radio', { name: 'Errors' }).click();
  await page.getByText('101 of 100,000 lines').waitFor();
  await page.getByRole('radio', { name: 'All' }).click();
  await page.getByRole('combobox', { name: 'Source' }).selectOption('engine');
  await page.getByText(/^the newest .* of 100,000 lines/).waitFor();
  await pause(500);
  await page.getByRole('combobox', { name: 'Source' }).selectOption('all');
}
