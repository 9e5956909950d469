import type { Download } from '@shared/domain/download';
import type { SuggestedModel } from '@shared/domain/hub';
import type { Model } from '@shared/domain/model';

/** What the first server is to run, and where it is taken from. */
export interface Choice {
  readonly from: 'hub' | 'disk';
  readonly ref: string;
}

export interface ChoiceFacts {
  /** Undefined while the hub is asked. */
  readonly suggested: readonly SuggestedModel[] | undefined;
  readonly isUnreachable: boolean;
  readonly models: readonly Model[];
  readonly downloads: readonly Download[];
}

/** A model that can be had from the hub, as a row. */
export interface HubRow {
  readonly ref: string;
  readonly name: string;
  readonly suggestion: SuggestedModel | undefined;
  readonly download: Download | undefined;
  readonly isOnDisk: boolean;
}

/** Chosen until the person chooses: a model being downloaded, one on disk, the best suggestion, the built-in one. */
export function firstChoice(facts: ChoiceFacts): Choice | undefined {
  const { suggested, isUnreachable, models, downloads } = facts;
  const coming = downloads.find(({ state }) => state !== 'done');
  if (coming) return { from: 'hub', ref: coming.ref };
  const here = models.find(({ complete, origin }) => complete && origin !== 'built-in');
  if (here) return { from: 'disk', ref: here.ref };
  const best = suggested?.[0];
  if (best) return { from: 'hub', ref: best.ref };
  return suggested || isUnreachable ? { from: 'disk', ref: 'demo' } : undefined;
}

/** The suggested models, and what the person fetches besides. */
export function hubRows({ suggested = [], models, downloads }: ChoiceFacts): HubRow[] {
  const coming = downloads.filter(({ state }) => state !== 'done');
  const others = coming.filter(({ ref }) => !suggested.some((one) => isSame(one.ref, ref)));
  const row = (ref: string, name: string, suggestion: SuggestedModel | undefined): HubRow => ({
    ref,
    name,
    suggestion,
    download: coming.find((one) => isSame(one.ref, ref)),
    isOnDisk: models.some((model) => isSame(model.ref, ref) && model.complete),
  });
  return [
    ...suggested.map((one) => row(one.ref, one.name, one)),
    ...others.map(({ ref }) => row(ref, shortName(ref), undefined)),
  ];
}

/** The chosen model with the name that its profile gets; undefined until it is whole on this machine. */
export function readyModel(
  choice: Choice | undefined,
  { suggested = [], models }: ChoiceFacts,
): { ref: string; name: string } | undefined {
  const model = choice && models.find(({ ref, complete }) => isSame(ref, choice.ref) && complete);
  if (!model) return undefined;
  const suggestion = suggested.find(({ ref }) => isSame(ref, model.ref));
  const name = model.origin === 'built-in' ? 'Demo' : shortName(model.ref);
  return { ref: model.ref, name: suggestion?.name ?? name };
}

/** What the last step waits for; undefined when it can go. */
export function waitsFor(engineReady: boolean, modelReady: boolean): string | undefined {
  if (engineReady && modelReady) return undefined;
  if (engineReady) return 'Waits for step 2';
  return modelReady ? 'Waits for step 1' : 'Finish steps 1 and 2 first';
}

/** `Good at most things, 8-billion parameters, 4-bit, reasoning and tool calls`. */
export function aboutModel(model: SuggestedModel): string {
  const { about, parameters, bits, reasons, callsTools } = model;
  const talents = [reasons && 'reasoning', callsTools && 'tool calls']
    .filter(Boolean)
    .join(' and ');
  return [
    about,
    parameters === undefined ? '' : parametersText(parameters),
    bits === undefined ? '' : `${bits}-bit`,
    talents,
  ]
    .filter(Boolean)
    .join(', ');
}

function parametersText(parameters: number): string {
  const billions = parameters / 1e9;
  return billions < 1
    ? `${Math.round(parameters / 1e6)}-million parameters`
    : `${billions < 3 ? Number(billions.toFixed(1)) : Math.round(billions)}-billion parameters`;
}

function shortName(ref: string): string {
  return ref.split('/').at(-1) ?? ref;
}

/** Hugging Face ignores the case of names and answers with its own spelling. */
function isSame(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
