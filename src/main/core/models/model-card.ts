/** What the front matter of a model card says, as it stands there. */
export interface CardFacts {
  readonly licence: string | undefined;
  /** What the model is for, by the hub's names: `text-generation`. */
  readonly pipeline: string | undefined;
}

/** @param card the beginning of a README.md. */
export function cardFacts(card: string): CardFacts {
  const matter = /^\uFEFF?---\r?\n([\s\S]*?)(?:\r?\n---|$)/.exec(card)?.[1] ?? '';
  const named = lineOf(matter, 'license_name');
  const licence = lineOf(matter, 'license');
  const found = licence === 'other' ? (named ?? licence) : (licence ?? named);
  return { licence: found?.slice(0, 60), pipeline: lineOf(matter, 'pipeline_tag')?.slice(0, 60) };
}

function lineOf(matter: string, key: string): string | undefined {
  const line = new RegExp(`^${key}:[ \\t]*(?:-[ \\t]*)?(.*)$`, 'm').exec(matter)?.[1]?.trim();
  const value = line?.replace(/^(['"])(.*)\1$/, '$2').trim();
  return value === '' ? undefined : value;
}
