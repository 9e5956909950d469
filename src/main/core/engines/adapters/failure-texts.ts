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
    message: "The engine doesn't accept the option $1: $2",
  },
  {
    code: 'bad_option',
    pattern: /error: argument (-\S+): (.+)/,
    fatal: true,
    message: "The engine doesn't accept the option $1: $2.",
  },
  {
    code: 'bad_option',
    pattern: /error: ambiguous option: (\S+)/,
    fatal: true,
    message: 'The option $1 is ambiguous. Write it out in full.',
  },
  {
    code: 'bad_option',
    pattern: /The adapter path does not exist: (.+)/,
    fatal: true,
    message: "The adapter folder $1 doesn't exist.",
  },
  {
    code: 'bad_option',
    pattern: /Cannot assign requested address|Can't assign requested address|socket\.gaierror/,
    fatal: true,
    message: "The profile's host address doesn't belong to this machine.",
  },
  {
    code: 'custom_code',
    pattern:
      /requires importing and running a custom module|requires you to execute the .{0,200}file/,
    fatal: true,
    message:
      'The model comes with its own code, which only runs if you allow it with the option trust-remote-code.',
  },
  {
    code: 'unsupported_architecture',
    pattern: /Model type (\S+) not supported/,
    fatal: true,
    message: "This version of the engine doesn't support the architecture $1.",
  },
  {
    code: 'model_incomplete',
    pattern: /invalid data offsets|The JSON header is|Perhaps an incomplete download or corrupt/,
    fatal: true,
    message: "One of the model's weight files is truncated or damaged.",
  },
  {
    code: 'model_incomplete',
    pattern: /\[read\] Unable to read|\[load_safetensors\] (?:Invalid|Failed)/,
    fatal: true,
    message: "One of the model's weight files is empty or damaged.",
  },
  {
    code: 'model_incomplete',
    pattern:
      /Expected shape \([^)]{0,200}\) but received shape \([^)]{0,200}\) for parameter (\S+)/,
    fatal: true,
    message: "The weights don't match config.json: $1 has a different shape.",
  },
  {
    code: 'model_incomplete',
    pattern: /ValueError: (?:Missing|Received) (\d+) parameters/,
    fatal: true,
    message: "The weights don't match config.json: $1 tensors differ.",
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
    message: 'The folder $1 contains no model*.safetensors.',
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
    message: "One of the model's JSON files is damaged: $1.",
  },
  {
    code: 'model_missing',
    pattern: /Repo id must .{0,300}'([^']{1,1024})'/,
    fatal: true,
    message: "There's no model in the folder $1.",
  },
  {
    code: 'model_missing',
    pattern: /LocalEntryNotFoundError|OfflineModeIsEnabled/,
    fatal: true,
    message: "The model isn't on this machine.",
  },
  ...outOfMemory(),
  {
    code: 'permission',
    pattern: /PermissionError: \[Errno \d+\] [^:]+: '([^']+)'/,
    fatal: true,
    message: "The engine doesn't have permission to read $1.",
  },
  {
    code: 'permission',
    pattern: /PermissionError: /,
    fatal: true,
    message: 'The system denied the engine access.',
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
      message: 'The engine is damaged: the Python module $1 is missing from its environment.',
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
      message: "The engine isn't compatible with this system: $1.",
    },
    {
      code: 'engine_broken',
      pattern: /(version `GLIBC\S+' not found|cannot open shared object file|bad interpreter)/,
      fatal: true,
      message: "The engine isn't compatible with this system: $1.",
    },
    {
      code: 'engine_broken',
      pattern:
        /No Metal device|\[metal::Device\] Unable to load|Failed to load the default metallib/,
      fatal: true,
      message: "The engine can't use this machine's GPU.",
    },
  ];
}
