import { openVisitor } from '@fixtures/browser';
import { browserSuite } from '@fixtures/browser-suite';
import { createPageHarness } from '@fixtures/page-harness';
import type { Page } from 'playwright';
import { expect, it } from 'vitest';

const suite = browserSuite();

/** Two people, or one with two devices, each logged in. */
async function twoBrowsers() {
  const first = await suite.open(createPageHarness);
  await first.logIn();
  const second = await suite.open(async (browser) => {
    const visitor = await openVisitor(browser);
    return { ...visitor, close: () => visitor.context.close() };
  });
  const { url, token } = first.manager;
  await second.page.goto(`${url}/#token=${token}`);
  await second.page.getByRole('navigation', { name: 'Screens' }).waitFor();
  return { first, second, url };
}

const loginPage = (page: Page) => page.getByText('Enter the access token to open MLX Manager.');

it('“Log out” ends the login of this browser alone, in all of its tabs', async () => {
  const { first, second, url } = await twoBrowsers();
  const tab = await first.visitor.context.newPage();
  await tab.goto(`${url}/#/models`);
  await tab.getByRole('navigation', { name: 'Screens' }).waitFor();
  await first.page.goto(`${url}/#/settings`);
  const login = first.page.getByRole('region', { name: 'Browser login' });
  await login.getByRole('button', { name: 'Log out', exact: true }).click();
  await loginPage(first.page).waitFor();
  await loginPage(tab).waitFor();
  // It stays so after a reload, and the other browser goes on.
  await first.page.reload();
  await loginPage(first.page).waitFor();
  await second.page.reload();
  await second.page.getByRole('navigation', { name: 'Screens' }).waitFor();
});

it('“Log out everywhere” asks once, and then every browser is at the login page', async () => {
  const { first, second, url } = await twoBrowsers();
  await first.page.goto(`${url}/#/settings`);
  const ask = first.page.getByRole('button', { name: 'Log out everywhere…' });
  const dialog = first.page.getByRole('dialog', { name: 'Log out everywhere?' });
  await ask.click();
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await second.page.reload();
  await second.page.getByRole('navigation', { name: 'Screens' }).waitFor();
  await ask.click();
  await dialog.getByRole('button', { name: 'Log out everywhere' }).click();
  await loginPage(first.page).waitFor();
  await loginPage(second.page).waitFor();
  await second.page.reload();
  await loginPage(second.page).waitFor();
  // Logging in again works at once.
  await first.logIn();
  expect(first.problems.filter((text) => !text.includes('401'))).toEqual([]);
});
