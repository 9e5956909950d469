import { photograph } from '@fixtures/browser';
import { eachTestOpens } from '@fixtures/browser-suite';
import { createPageHarness } from '@fixtures/page-harness';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';

const harness = eachTestOpens(async (browser) => {
  const made = await createPageHarness(browser);
  await made.manager.registerEngine();
  return made;
});

const Profile = z.object({ engine: z.string(), options: z.record(z.string(), z.unknown()) });

describe('the profile form', () => {
  it('takes options over to another engine, says what stays behind, and where that engine comes from', async () => {
    const { page, manager, problems } = harness();
    await manager.json(
      ...['profile', 'create', 'Mover', '--model', 'demo'],
      ...['--set', 'temperature=0.5', '--set', 'num-draft-tokens=4'],
    );
    await harness().logIn();
    await page.getByRole('list', { name: 'Profiles' }).getByText('Mover').click();
    await page.getByRole('tab', { name: 'Settings' }).click();
    await page.getByLabel('Engine', { exact: true }).selectOption('vllm-mlx');
    await page.getByText("Left out because this engine doesn't support it:").waitFor();
    await page.getByText(/can't tell whether it has num-draft-tokens/).waitFor();
    await page.getByRole('link', { name: 'Install vllm-mlx' }).waitFor();
    expect(await photograph(page, 'profile-engine-change')).toEqual([]);
    await page.getByRole('button', { name: /^Save/ }).click();
    await expect
      .poll(async () => Profile.parse(await manager.json('profile', 'show', 'Mover')))
      .toMatchObject({ engine: 'vllm-mlx', options: { temperature: 0.5 } });
    expect(problems).toEqual([]);
  });

  it('says in a browser where a program of one’s own and several machines are set', async () => {
    const { page, manager, problems } = harness();
    await manager.json('profile', 'create', 'First', '--model', 'demo');
    await harness().logIn();
    await page.getByRole('button', { name: 'New profile' }).click();
    const own = page.getByRole('option', { name: /Custom command/ });
    expect(await own.isDisabled()).toBe(true);
    expect(await own.textContent()).toContain('command line');
    await page.getByRole('button', { name: /^Machines/ }).click();
    await page.getByText('Available in the desktop app and the command line.').first().waitFor();
    expect(await page.getByRole('radio', { name: 'Several machines' }).isDisabled()).toBe(true);
    expect(await photograph(page, 'profile-machines')).toEqual([]);
    expect(problems).toEqual([]);
  });
});
