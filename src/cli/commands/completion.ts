import { type Command, Argument } from 'commander';

import type { Context } from '../terminal/context';

type Shell = 'bash' | 'zsh' | 'fish';

/** The words that may follow each chain of commands: `profile create` -> `--model`, ... */
type Words = ReadonlyMap<string, readonly string[]>;

export function addCompletion(program: Command, context: Context): void {
  program
    .command('completion')
    .summary('a script that completes commands in a shell')
    .addArgument(new Argument('<shell>').choices(['bash', 'zsh', 'fish']))
    .option('--json', 'as JSON')
    .action((shell: Shell) => {
      const script = SCRIPTS[shell](wordsOf(program));
      context.output.result({ shell, script }, () => script);
    });
}

const SCRIPTS: Readonly<Record<Shell, (words: Words) => string>> = {
  bash: bashScript,
  zsh: (words) => `autoload -U +X bashcompinit && bashcompinit\n${bashScript(words)}`,
  fish: fishScript,
};

function wordsOf(program: Command): Words {
  const words = new Map<string, string[]>();
  const visit = (command: Command, chain: readonly string[]): void => {
    const names = command.commands.map((sub) => sub.name());
    const options = command.options.flatMap(({ long }) => long ?? []);
    const choices = command.registeredArguments.flatMap(({ argChoices }) => argChoices ?? []);
    words.set(chain.join(' '), [...names, ...choices, ...options]);
    for (const sub of command.commands) visit(sub, [...chain, sub.name()]);
  };
  visit(program, []);
  return words;
}

function bashScript(words: Words): string {
  const cases = [...words].map(
    ([chain, next]) => `    ${JSON.stringify(chain)}) words=${JSON.stringify(next.join(' '))} ;;`,
  );
  return [
    '_mlx_manager() {',
    '  local chain="" word words=""',
    `  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do`,
    '    case "$word" in -*) break ;; esac',
    `    chain="\${chain:+$chain }$word"`,
    '  done',
    '  case "$chain" in',
    ...cases,
    '  esac',
    `  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))`,
    '}',
    'complete -F _mlx_manager mlx-manager',
  ].join('\n');
}

function fishScript(words: Words): string {
  const lines = [...words].flatMap(([chain, next]) => {
    const condition =
      chain === ''
        ? '__fish_use_subcommand'
        : chain
            .split(' ')
            .map((word) => `__fish_seen_subcommand_from ${word}`)
            .join('; and ');
    return next.map((word) => {
      const what = word.startsWith('--') ? `-l ${word.slice(2)}` : `-a ${word}`;
      return `complete -c mlx-manager -f -n '${condition}' ${what}`;
    });
  });
  return lines.join('\n');
}
