/** A model of a hub as a person names it. */
export interface HubName {
  /** `org/name`. */
  readonly ref: string;
  /** The branch, tag or commit that an address shows. */
  readonly revision?: string;
}

const NAME = /^[\w.-]+$/;

/**
 * The model that an address of its page stands for, as a person copies it out of a browser:
 * `https://huggingface.co/org/name/tree/main?x`, with or without `https://`. Undefined for what is no such address.
 */
export function hubNameIn(text: string): HubName | undefined {
  const address = /^(?:https?:\/\/|hf:\/\/|(?=(?:www\.)?(?:huggingface\.co|hf\.co)\/))(.+)$/i.exec(
    text.trim(),
  )?.[1];
  if (address === undefined) return undefined;
  const parts = address.split(/[?#]/)[0]?.split('/') ?? [];
  // hf://org/name has no host.
  const [org = '', name = '', kind, revision] = /^hf:/i.test(text.trim()) ? parts : parts.slice(1);
  if (!NAME.test(org) || !NAME.test(name) || ['datasets', 'spaces', 'docs'].includes(org)) {
    return undefined;
  }
  const isPlace = ['tree', 'blob', 'resolve', 'commit'].includes(kind ?? '');
  return {
    ref: `${org}/${name}`,
    ...(isPlace && revision ? { revision: decodeURIComponent(revision) } : {}),
  };
}
