import { parsed } from './json-object';
import type { ModelSource } from './model-source';
import { damage, gap, type Problem } from './problem';
import { standIn } from './safetensors';

const TOKENIZER =
  /^(?:tokenizer\.(?:json|model)|vocab\.(?:json|txt)|tekken\.json|spiece\.model|sentencepiece(?:\.bpe)?\.model|.*\.tiktoken|tiktoken\.model)$/;
/** Files that every tokenizer is loaded with, where they are there (transformers, tried with 5.23). */
export const TOKENIZER_JSON = [
  'tokenizer.json',
  'tokenizer_config.json',
  'special_tokens_map.json',
  'added_tokens.json',
] as const;
/** A larger one is judged by its first and last bytes. */
const PARSED_BYTES = 500_000;
/** What keeps a tokenizer from being made of the files that are there. */
export async function tokenizerProblems(
  source: ModelSource,
  has: ReadonlySet<string>,
): Promise<Problem[]> {
  const found = await Promise.all(
    TOKENIZER_JSON.filter((name) => has.has(name)).map(async (name): Promise<Problem[]> => {
      const problem = await jsonProblem(source, name);
      return problem === undefined ? [] : [damage(name, problem)];
    }),
  );
  const isThere = [...has].some((name) => TOKENIZER.test(name));
  return [...(isThere ? [] : [gap('tokenizer.json', 'is missing')]), ...found.flat()];
}

/** A large file is not read to its end in a list: cut off, it does not end as JSON does. */
async function jsonProblem(source: ModelSource, name: string): Promise<string | undefined> {
  const size = source.files.find((file) => file.name === name)?.size ?? 0;
  if (size === 0) return 'is empty';
  const edges = await source.edges(name);
  if (!edges) return undefined;
  const other = standIn(edges.start);
  if (other) return other.problem;
  if (!edges.start.trimStart().startsWith('{')) return 'is damaged: it isn’t a JSON object';
  if (!edges.end.trimEnd().endsWith('}')) return 'is damaged: it is truncated';
  const text = size <= PARSED_BYTES ? await source.text(name) : undefined;
  return text === undefined || parsed(text) !== undefined ? undefined : 'is damaged: it isn’t JSON';
}
