import type { CustomCommand } from '@shared/domain/profile';

import type { CommandInput, EngineAdapter } from './adapter';
import { chatProof } from './chat-proof';
import { commonFailures } from './failure-texts';

/**
 * Any program that serves: the profile says its arguments, where it shows that it is ready, and
 * whether it speaks chat. It is supervised as every other engine is; nothing of it is installed.
 */
export function customAdapter(custom: CustomCommand): EngineAdapter {
  return {
    id: 'custom',
    title: 'Custom command',
    description: 'Any program that listens on a port, such as llama-server.',
    recommended: false,
    distribution: '',
    loadsWith: [],
    python: { min: [3, 0], below: [4, 0], prefer: '3.12' },
    executable: custom.command,
    helpArgs: [],
    command: (input) => ({
      file: custom.command,
      args: input.extraArgs.map((arg) => fill(arg, input)),
    }),
    environment: {},
    reserved: [],
    common: {},
    localOptions: [],
    health: { path: custom.readinessPath, answers: 'before-load' },
    // What it makes of a path with a mark cannot be known: it may compare whole paths.
    probeMark: undefined,
    requestModel: (modelPath) => (modelPath === '' ? 'default' : modelPath),
    capabilities: custom.chat ? ['text'] : [],
    // Unknown: an open connection is then taken for what it may be, a request.
    http: '1.0',
    processTree: 'parent-and-children',
    exitZeroMayFail: true,
    shutdownMs: 10_000,
    failures: commonFailures,
    progress: [],
    proof: custom.chat ? chatProof : undefined,
  };
}

/** One pass over the argument, so that a model's name with braces is not filled again. */
function fill(arg: string, { port, host, modelPath }: CommandInput): string {
  const values: Readonly<Record<string, string>> = {
    '{port}': String(port),
    '{host}': host,
    '{model}': modelPath,
  };
  return arg.replace(/\{(?:port|host|model)\}/g, (name) => values[name] ?? name);
}
