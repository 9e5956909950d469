import { validationError } from '@shared/errors';

/** Where models are looked for and fetched from. */
export interface HubEndpoint {
  /** Without a slash at the end. */
  readonly url: string;
  readonly origin: string;
  readonly host: string;
  /** A person named it (`HF_ENDPOINT`): then it, and what it redirects to, may be any host. */
  readonly isExplicit: boolean;
}

const DEFAULT_URL = 'https://huggingface.co';

/**
 * `HF_ENDPOINT` as Python's huggingface_hub reads it, or huggingface.co.
 * @throws DomainError `validation` when it is no http or https address.
 */
export function hubEndpoint(env: Readonly<Record<string, string | undefined>>): HubEndpoint {
  const given = env.HF_ENDPOINT?.trim();
  const text = given || DEFAULT_URL;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '') {
    const message = `HF_ENDPOINT must be an http or https address, such as ${DEFAULT_URL}, not "${text}".`;
    throw validationError([{ field: 'HF_ENDPOINT', message }]);
  }
  return {
    url: `${url.origin}${url.pathname.replace(/\/+$/, '')}`,
    origin: url.origin,
    host: url.host,
    isExplicit: given !== undefined && given !== '' && url.origin !== DEFAULT_URL,
  };
}
