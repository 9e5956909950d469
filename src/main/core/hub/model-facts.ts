import type { HubModel } from '@shared/domain/hub';

import { configFacts } from '../verdict/model-config';
import { kindOf } from '../verdict/model-kind';
import type { ListedModel } from './hub-client';
import { storedBytes } from './stored-values';

/** What the hub is asked for, by the kind that a search names. */
export const PIPELINES: Readonly<Record<'text' | 'vision' | 'embedding', readonly string[]>> = {
  text: ['text-generation'],
  vision: ['image-text-to-text', 'any-to-any'],
  embedding: ['feature-extraction', 'sentence-similarity'],
};

/** Bits that a name tells, such as `-4bit`, where the config does not. */
export function bitsInName(name: string): number | undefined {
  const found =
    /(?:^|[-_.])(?:([2-8])-?bits?|(?:mx|nv)fp([48])|q([2-8])|(?:bf|fp)(16))(?=$|[-_.])/i.exec(name);
  const bits = found?.slice(1).find((group) => group !== undefined);
  return bits === undefined ? undefined : Number(bits);
}

/** A row of Discover out of what the hub's list says. */
export function describeListed(listed: ListedModel, onDisk: HubModel['onDisk']): HubModel {
  const [author = '', name = ''] = listed.ref.split('/');
  const facts = configFacts(listed.config);
  const sizeBytes = storedBytes(listed.stored, listed.config);
  const bits = facts.bits ?? bitsInName(name);
  return {
    ref: listed.ref,
    author,
    name,
    commit: listed.commit,
    kind: kindOf({ config: listed.config, pipeline: listed.pipeline }),
    downloads: listed.downloads,
    likes: listed.likes,
    updatedAt: listed.updatedAt,
    gated: listed.gated,
    private: listed.private,
    ...(listed.licence === undefined ? {} : { licence: listed.licence.slice(0, 60) }),
    ...(sizeBytes === undefined ? {} : { sizeBytes }),
    ...(bits === undefined ? {} : { bits }),
    ...(facts.architecture === undefined ? {} : { architecture: facts.architecture }),
    ...(onDisk === undefined ? {} : { onDisk }),
  };
}
