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
  /** Memory that is free for models, bytes; undefined where it is not known. */
  readonly roomBytes?: number | undefined;
}

/** Of the memory that is free a model's weights may take this much, so that its context has room too. */
const WEIGHTS_SHARE = 0.85;

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
  const { suggested, isUnreachable, downloads } = facts;
  const coming = downloads.find(({ state }) => state !== 'done');
  if (coming) return { from: 'hub', ref: coming.ref };
  const here = onDisk(facts).find(({ reason, isLarge }) => !reason && !isLarge);
  if (here && here.model.origin !== 'built-in') return { from: 'disk', ref: here.model.ref };
  const best = suggested?.[0];
  if (best) return { from: 'hub', ref: best.ref };
  return suggested || isUnreachable ? { from: 'disk', ref: 'demo' } : undefined;
}

/** A model of this machine, with the reason why a first server cannot run it. */
export interface DiskRow {
  readonly model: Model;
  readonly reason?: string | undefined;
  /** Its weights leave no room in the memory that is free now. */
  readonly isLarge: boolean;
}

type DiskFacts = Pick<ChoiceFacts, 'models' | 'roomBytes'>;

/** Those that can be chosen and have room first, the one that was used or came last before the others; the built-in one after them. */
export function onDisk({ models, roomBytes = Infinity }: DiskFacts): DiskRow[] {
  const rows = models.map((model) => ({
    model,
    reason: whyNot(model),
    isLarge: model.sizeBytes > roomBytes * WEIGHTS_SHARE,
  }));
  const place = ({ model, reason, isLarge }: DiskRow): number => {
    if (reason !== undefined) return 3;
    if (isLarge) return 2;
    return model.origin === 'built-in' ? 1 : 0;
  };
  return rows.toSorted(
    (a, b) =>
      place(a) - place(b) ||
      lastTime(b.model).localeCompare(lastTime(a.model)) ||
      a.model.name.localeCompare(b.model.name),
  );
}

/** Models that answer a chat. */
const CHATS: readonly Model['kind'][] = [undefined, 'text', 'vision'];

function whyNot(model: Model): string | undefined {
  if (!model.complete) {
    return model.unusable ?? `Incomplete: ${model.missing?.[0] ?? 'files are missing'}`;
  }
  return CHATS.includes(model.kind) ? undefined : 'Not a chat model';
}

function lastTime({ lastUsedAt, downloadedAt, modifiedAt }: Model): string {
  return lastUsedAt ?? downloadedAt ?? modifiedAt ?? '';
}

/** The rows in whose names or folders the words stand. */
export function searchDisk(rows: readonly DiskRow[], query: string): readonly DiskRow[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  return rows.filter(({ model }) => {
    const text = `${model.name} ${model.ref}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
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
  return model && { ref: model.ref, name: chosenName(choice, { suggested, models }) };
}

/** What the profile of a choice is called until the person says otherwise; empty without a choice. */
export function chosenName(
  choice: Choice | undefined,
  { suggested = [], models }: Pick<ChoiceFacts, 'models'> & Partial<ChoiceFacts>,
): string {
  if (!choice) return '';
  if (choice.ref === 'demo') return 'Demo';
  const suggestion = suggested.find(({ ref }) => isSame(ref, choice.ref));
  const model = models.find(({ ref }) => isSame(ref, choice.ref));
  return (suggestion?.name ?? shortName(model?.ref ?? choice.ref)).slice(0, NAME_LENGTH);
}

/** As many characters as the name of a profile may have. */
const NAME_LENGTH = 80;

/** What the last step waits for; undefined when it can go. */
export function waitsFor(engineReady: boolean, modelReady: boolean): string | undefined {
  if (engineReady && modelReady) return undefined;
  if (engineReady) return 'Finish step 2 first';
  return modelReady ? 'Finish step 1 first' : 'Finish steps 1 and 2 first';
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
export function isSame(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
