import { z } from 'zod';

/** A field that a config.json would have to have, so that its model's cache could be counted. */
export class MissingField extends Error {
  constructor(readonly field: string) {
    super(`The config has no "${field}".`);
  }
}

/** A config.json as strangers write it: what is not of the expected kind is as if it were not there. */
export interface ConfigFields {
  /** A whole number of 0 or more, of the first of these names that has one. */
  count(...names: readonly string[]): number | undefined;
  /** A whole number of 1 or more. @throws MissingField */
  need(...names: readonly string[]): number;
  /**
   * @param usual what the engine takes where the config says nothing.
   * @throws MissingField
   */
  layers(usual?: number): number;
  flag(name: string): boolean;
  text(name: string): string | undefined;
  texts(name: string): readonly string[] | undefined;
  /** Whole numbers; others in the list are 0, so that the places stay. */
  counts(name: string): readonly number[] | undefined;
  parts(name: string): readonly ConfigFields[];
  part(name: string): ConfigFields;
}

const MAX_LAYERS = 10_000;
const Count = z.number().int().nonnegative().max(1e9);
const Text = z.string().max(200);
const List = z.array(z.unknown()).max(MAX_LAYERS);
const Parts = z.record(z.string(), z.unknown());

/** The names that architectures have for the number of their layers. */
const LAYERS = [
  'num_hidden_layers',
  'num_layers',
  'n_layers',
  'n_layer',
  'num_transformer_layers',
] as const;

export function configFields(config: unknown): ConfigFields {
  const parsed = Parts.safeParse(config);
  const values = new Map(parsed.success ? Object.entries(parsed.data) : []);
  const read = <T>(schema: z.ZodType<T>, name: string): T | undefined =>
    schema.safeParse(values.get(name)).data;
  const count = (...names: readonly string[]): number | undefined =>
    names.map((name) => read(Count, name)).find((value) => value !== undefined);
  const need = (...names: readonly string[]): number => {
    const value = names
      .map((name) => read(Count, name))
      .find((one) => one !== undefined && one > 0);
    if (value === undefined) throw new MissingField(names[0] ?? '');
    return value;
  };
  return {
    count,
    need,
    layers: (usual) => {
      const layers = usual === undefined ? need(...LAYERS) : (count(...LAYERS) ?? usual);
      if (layers > MAX_LAYERS) throw new MissingField(LAYERS[0]);
      return layers;
    },
    flag: (name) => read(z.boolean(), name) ?? false,
    text: (name) => read(Text, name),
    texts: (name) => read(List, name)?.map((value) => Text.safeParse(value).data ?? ''),
    counts: (name) => read(List, name)?.map((value) => Count.safeParse(value).data ?? 0),
    parts: (name) => (read(List, name) ?? []).map(configFields),
    part: (name) => configFields(values.get(name)),
  };
}
