import { readFile } from 'node:fs/promises';

import { helped, withHelp } from '@cli/terminal/help-address';
import { isAllowedExternalLink } from '@shared/domain/external-links';
import { FAILURE_CODES } from '@shared/errors';
import { GUIDE, headingAnchor, troubleshootingUrl } from '@shared/errors/troubleshooting';
import { expect, it } from 'vitest';

it('every failure leads to a heading of the guide, and the desktop application opens the address', async () => {
  const { homepage } = JSON.parse(await readFile('package.json', 'utf8'));
  const guide = await readFile(GUIDE, 'utf8');
  const anchors = [...guide.matchAll(/^## (.+)$/gm)].map(([, head = '']) => headingAnchor(head));
  for (const code of FAILURE_CODES) {
    const url = troubleshootingUrl(code);
    expect(url).toContain(`${homepage}/blob/main/${GUIDE}#`);
    expect(anchors).toContain(new URL(url).hash.slice(1));
    expect(isAllowedExternalLink(url)).toBe(true);
  }
  expect(headingAnchor('Out of memory')).toBe('out-of-memory');
});

it('a failure in the JSON of the command line has the address, and an error of a request has none', () => {
  const failure = { code: 'port_in_use', message: 'Taken.' };
  const help = troubleshootingUrl('port_in_use');
  expect(withHelp([{ name: 'A', failure }, { name: 'B' }])).toEqual([
    { name: 'A', failure: { ...failure, help } },
    { name: 'B' },
  ]);
  expect(helped({ code: 'usage', message: 'x' })).toEqual({ code: 'usage', message: 'x' });
});
