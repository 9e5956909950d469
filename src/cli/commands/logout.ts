import { rm } from 'node:fs/promises';

import type { Command } from 'commander';

import { readAccessToken } from '@headless/access-token';
import { createDocumentStore } from '@host/document-store';
import { dataHome, pathsOf, tokenPath } from '@host/paths';
import { DomainError } from '@shared/errors';
import type { Context } from '../terminal/context';
import { withManager } from '../manager/manager';

export function addLogout(program: Command, context: Context): void {
  program
    .command('logout')
    .summary('log out every browser')
    .option('--json', 'as JSON')
    .action(() =>
      withManager(context, 'read', async ({ client, isRunning }) => {
        const { url } = await client.call('app.info');
        const ended = isRunning && url !== undefined ? await endThere(context, url) : undefined;
        // Nobody has the list open: without it every browser is a stranger.
        if (ended === undefined) await rm(listOf(context), { force: true });
        context.output.result({ loggedOut: true }, () => 'Logged out every browser.');
      }),
    );
}

function listOf({ env }: Context): string {
  return createDocumentStore(pathsOf(dataHome(env)).documents, 'logins').path;
}

/** @throws DomainError not_answering when the manager did not do it. */
async function endThere({ env }: Context, url: string): Promise<number> {
  const token = await readAccessToken(tokenPath(pathsOf(dataHome(env))));
  const answer = await fetch(new URL('logout', url), {
    method: 'POST',
    headers: { Authorization: `Bearer ${token ?? ''}`, 'Content-Type': 'application/json' },
    body: JSON.stringify({ everywhere: true }),
  });
  if (answer.ok) return Number(Object((await answer.json()) as unknown).ended);
  throw new DomainError(
    'not_answering',
    `The manager at ${url} couldn't log out the browsers (HTTP ${answer.status}).`,
  );
}
