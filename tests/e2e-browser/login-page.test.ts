import { eachTestOpens } from '@fixtures/browser-suite';
import { createPageHarness } from '@fixtures/page-harness';
import { expect, it } from 'vitest';

const harness = eachTestOpens(createPageHarness);

it('names a command that prints the token that it asks for', async () => {
  const { page, manager, problems } = harness();
  await page.goto(manager.url);
  const command = (await page.locator('main code').first().textContent()) ?? '';
  const [program, ...words] = command.split(' ');
  expect(program).toBe('mlx-manager');
  // Its output goes into a pipe here, as it does for who searches it.
  const { code, stdout } = await manager.run(...words);
  expect(code).toBe(0);
  const token = /^Token\s+(\S+)$/m.exec(stdout)?.[1] ?? '';
  expect(token).toBe(manager.token);
  await page.getByLabel('Token', { exact: true }).fill(token);
  await page.getByRole('button', { name: 'Open' }).click();
  await page.getByRole('navigation', { name: 'Screens' }).waitFor();
  expect(problems.filter((text) => !text.includes('401'))).toEqual([]);
});
