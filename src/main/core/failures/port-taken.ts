import type { ServerFailure } from '@shared/domain/server';
import { makeAction } from '@shared/errors/action';

import type { PortHolder } from '../ports/processes';
import { failure } from './failure';

/** `port_in_use`, naming the holder; the way out is another port or a new try, never ending a stranger. */
export function portTaken(
  port: number,
  by: PortHolder | undefined,
  nextPort?: number,
): ServerFailure {
  const holder = by ? `${shortCommand(by.command)} (pid ${by.pid})` : 'another program';
  const evidence = by ? [{ label: 'Holder', text: `pid ${by.pid}: ${by.command}` }] : [];
  const next = nextPort === undefined ? undefined : makeAction('next_port', { port: nextPort });
  return failure('port_in_use', `Port ${port} is in use by ${holder}.`, evidence, next);
}

/** The program's name out of a command line, for a sentence. */
function shortCommand(command: string): string {
  const words = command.split(' ');
  const name = (words[0] ?? '').split('/').at(-1) ?? command;
  const script = words[1];
  return script && !script.startsWith('-') && /^(node|python[\d.]*|ruby|perl)$/i.test(name)
    ? `${name} ${script.split('/').at(-1)}`
    : name;
}
