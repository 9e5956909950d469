import { isSecretName, MASK } from '@shared/domain/secret';

/** Hides the value after a flag whose name says that it is a secret (`--api-key`). */
export function maskArguments(argv: readonly string[]): string[] {
  return argv.map((word, index) => {
    const before = argv[index - 1] ?? '';
    if (
      before.startsWith('--') &&
      !before.includes('=') &&
      isSecretName(before.slice(2)) &&
      !isCount(word)
    ) {
      return MASK;
    }
    const flag = /^--([^=]+)=/.exec(word)?.[1];
    return flag !== undefined && isSecretName(flag) ? `--${flag}=${MASK}` : word;
  });
}

/** `--max-tokens 512` is a number, not a token. */
function isCount(word: string): boolean {
  return /^-?[\d.]+$/.test(word);
}
