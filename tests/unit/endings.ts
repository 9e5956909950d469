import type { Source } from './architecture';

/** Modules whose functions give promises, of which the linter knows no types. */
const PROMISING = /^(?:node:\w+\/promises|execa|p-map)$/;

/**
 * Statements that call such a function and neither wait for it nor handle its failure, as `path:line`. The linter
 * finds those of our own functions.
 */
export function findFloatingCalls({ path, text }: Source): string[] {
  const names = [...text.matchAll(/^import\s*\{([^}]*)\}\s*from\s*'([^']+)'/gm)]
    .filter(([, , module]) => PROMISING.test(module ?? ''))
    .flatMap(([, list]) => (list ?? '').split(','))
    .map((name) => name.replace(/^.*\bas\b/s, '').trim())
    .filter((name) => name !== '' && !name.startsWith('type '));
  if (names.length === 0) return [];
  const call = new RegExp(`^\\s*(?:${names.join('|')})\\(`);
  const lines = text.split('\n');
  return lines.flatMap((line, index) => {
    const before = lines.slice(0, index).findLast((one) => one.trim() !== '') ?? '';
    const isStatement = /[;{}]\s*$/.test(before) || /^\s*(?:\/\/|\*)/.test(before);
    return isStatement && call.test(line) ? [`${path}:${index + 1}`] : [];
  });
}

/** Where the process is ended, as `path:line`; comments do not count. */
export function findExits({ path, text }: Source): string[] {
  return text
    .split('\n')
    .flatMap((line, index) =>
      /\bprocess\.exit\s*\(/.test(line.replace(/^\s*(?:\/\/|\/?\*).*$/, ''))
        ? [`${path}:${index + 1}`]
        : [],
    );
}
