import type { FailurePattern } from './adapter';

/**
 * Texts of MLX and its engines, of argparse, click and uvicorn, of Python and of the macOS loader, each
 * seen on a real run or read in the source. A process may stay alive after them, or end with 0, so
 * neither proves anything.
 */
export const commonFailures: readonly FailurePattern[] = [
  {
    code: 'port_in_use',
    // mlx-lm writes it with a capital, uvicorn without.
    pattern: /address already in use/i,
    fatal: true,
    message: 'Another program took the port while the engine was starting.',
  },
  {
    code: 'bad_option',
    pattern: /error: unrecognized arguments: (.+)/,
    fatal: true,
    message: "This version of the engine doesn't support $1.",
  },
  {
    code: 'bad_option',
    pattern: /Error: No such option:? '?(--?[\w-]+)/,
    fatal: true,
    message: "This version of the engine doesn't support $1.",
  },
  {
    code: 'bad_option',
    pattern: /Error: Invalid value for '?(--?[\w-]{1,100})[^:]{0,200}: (.+)/,
    fatal: true,
    message: 'The engine refuses the option $1: $2',
  },
  {
    code: 'bad_option',
    pattern: /error: argument (-\S+): (.+)/,
    fatal: true,
    message: 'The engine refuses the option $1: $2.',
  },
  {
    code: 'bad_option',
    pattern: /error: ambiguous option: (\S+)/,
    fatal: true,
    message: 'The option $1 could mean several options; write it out.',
  },
  {
    code: 'bad_option',
    pattern: /The adapter path does not exist: (.+)/,
    fatal: true,
    message: 'The adapter folder $1 does not exist.',
  },
  {
    code: 'bad_option',
    pattern: /Cannot assign requested address|Can't assign requested address|socket\.gaierror/,
    fatal: true,
    message: 'The host address of the profile is not one of this machine.',
  },
  {
    code: 'custom_code',
    pattern:
      /requires importing and running a custom module|requires you to execute the .{0,200}file/,
    fatal: true,
    message:
      'The model comes with code of its own, which is not run unless the option trust-remote-code allows it.',
  },
  {
    code: 'unsupported_architecture',
    pattern: /Model type (\S+) not supported/,
    fatal: true,
    message: 'This version of the engine does not support the architecture $1.',
  },
  {
    code: 'model_incomplete',
    pattern: /invalid data offsets|The JSON header is|Perhaps an incomplete download or corrupt/,
    fatal: true,
    message: 'A weights file of the model is cut off or damaged.',
  },
  {
    code: 'model_incomplete',
    pattern: /\[read\] Unable to read|\[load_safetensors\] (?:Invalid|Failed)/,
    fatal: true,
    message: 'A weights file of the model is empty or damaged.',
  },
  {
    code: 'model_incomplete',
    pattern:
      /Expected shape \([^)]{0,200}\) but received shape \([^)]{0,200}\) for parameter (\S+)/,
    fatal: true,
    message: 'The weights do not belong to the config.json beside them: $1 has another shape.',
  },
  {
    code: 'model_incomplete',
    pattern: /ValueError: (?:Missing|Received) (\d+) parameters/,
    fatal: true,
    message: 'The weights do not belong to the config.json beside them: $1 tensors do not match.',
  },
  {
    code: 'model_incomplete',
    pattern:
      /Couldn't instantiate the backend tokenizer|No such file or directory: '[^']{0,1024}tokenizer/,
    fatal: true,
    message: 'The model folder has no usable tokenizer.',
  },
  {
    code: 'model_incomplete',
    pattern: /No safetensors found in (.+)/,
    fatal: true,
    message: 'The folder $1 holds no model*.safetensors.',
  },
  {
    code: 'model_incomplete',
    pattern: /No such file or directory: ['"]([^'"]{0,1024}config\.json)['"]/,
    fatal: true,
    message: 'The file $1 is missing.',
  },
  {
    code: 'model_incomplete',
    pattern: /json\.decoder\.JSONDecodeError: (.+)/,
    fatal: true,
    message: 'A JSON file of the model is damaged: $1.',
  },
  {
    code: 'model_missing',
    pattern: /Repo id must .{0,300}'([^']{1,1024})'/,
    fatal: true,
    message: '"$1" is no folder with a model.',
  },
  {
    code: 'model_missing',
    pattern: /LocalEntryNotFoundError|OfflineModeIsEnabled/,
    fatal: true,
    message: 'A model that was asked for is not on this disk.',
  },
  ...outOfMemory(),
  {
    code: 'permission',
    pattern: /PermissionError: \[Errno \d+\] [^:]+: '([^']+)'/,
    fatal: true,
    message: 'The engine may not read $1.',
  },
  {
    code: 'permission',
    pattern: /PermissionError: /,
    fatal: true,
    message: 'The engine was refused access by the system.',
  },
  ...broken(),
];

function outOfMemory(): readonly FailurePattern[] {
  const texts = [
    /kIOGPUCommandBufferCallbackErrorOutOfMemory/,
    /\[METAL\] Command buffer execution failed: Insufficient Memory/,
    /\[metal::malloc\]/,
    /\[malloc\] Unable to allocate/,
    /\[malloc_or_wait\] Unable to allocate/,
    /Resource limit \(\d+\) exceeded/,
    /std::bad_alloc|^MemoryError/,
  ];
  return texts.map((pattern) => ({
    code: 'out_of_memory',
    pattern,
    fatal: false,
    message: "There isn't enough memory for this model with these settings.",
  }));
}

function broken(): readonly FailurePattern[] {
  return [
    {
      code: 'engine_broken',
      // A missing module below mlx_lm.models is how an unknown architecture begins.
      pattern: /No module named '(?!mlx_lm\.models\.)([^']+)'/,
      fatal: true,
      message: 'The engine is damaged: its environment lacks the Python module $1.',
    },
    {
      code: 'engine_broken',
      pattern: /^ImportError: (.+)/,
      fatal: true,
      message: 'The engine is damaged: $1.',
    },
    {
      code: 'engine_broken',
      pattern: /dyld\[\d+\]: (Library not loaded: .+|Symbol not found: .+)/,
      fatal: true,
      message: 'The engine does not match this system: $1.',
    },
    {
      code: 'engine_broken',
      pattern: /(version `GLIBC\S+' not found|cannot open shared object file|bad interpreter)/,
      fatal: true,
      message: 'The engine does not match this system: $1.',
    },
    {
      code: 'engine_broken',
      pattern:
        /No Metal device|\[metal::Device\] Unable to load|Failed to load the default metallib/,
      fatal: true,
      message: 'The engine cannot use the graphics processor of this machine.',
    },
  ];
}
