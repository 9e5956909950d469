import type { ServerProfile } from '@shared/domain/profile';
import type { Server } from '@shared/domain/server';
import type { Address, Target, TargetKind } from '@shared/gateway/target';

import { answerLimitOf, templateArgsOf } from './prompt-options';
import { slugOf } from './slug';

/** What is known of a profile's model, where it is on the disk. */
export interface ModelFacts {
  readonly kind: TargetKind;
  readonly folder?: string | undefined;
  /** Tokens that the model itself can hold. */
  readonly contextLength: number | undefined;
  readonly tools?: boolean | undefined;
  readonly reasoning?: boolean | undefined;
}

export interface TargetSources {
  readonly server: (profileId: string) => Server;
  /** Where its server answers now; undefined while it does not. */
  readonly address: (profileId: string) => Address | undefined;
  readonly facts: (profile: ServerProfile) => ModelFacts | undefined;
  readonly contextLength: (profile: ServerProfile) => number | undefined;
}

/**
 * Every profile as a program can ask for it. A name belongs to one profile: an alias that another profile has as its
 * name, or that an earlier one has as an alias, is left out.
 */
export function targetsOf(profiles: readonly ServerProfile[], sources: TargetSources): Target[] {
  const taken = new Set(profiles.map(({ name }) => name));
  return profiles.map((profile) => {
    const facts = sources.facts(profile);
    const server = sources.server(profile.id);
    const aliases = [slugOf(profile.name), ...profile.aliases].filter((alias) => {
      if (alias === '' || taken.has(alias)) return false;
      taken.add(alias);
      return true;
    });
    return {
      profileId: profile.id,
      name: profile.name,
      aliases,
      engine: profile.engine,
      kind: facts?.kind ?? 'text',
      tools: facts?.tools,
      reasoning: facts?.reasoning,
      contextLength: sources.contextLength(profile),
      // Without the engine's own default, which the data plane knows by the engine.
      answerLimit: answerLimitOf(profile.options, []),
      templateArgs: templateArgsOf(profile.options),
      modelFolder: facts?.folder,
      requestModel: server.requestModel,
      startsOnRequest: profile.start === 'request',
      address: sources.address(profile.id),
      state: server.state,
      created: Math.floor(Date.parse(profile.createdAt) / 1000),
    };
  });
}
