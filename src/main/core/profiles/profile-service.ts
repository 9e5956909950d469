import { randomInt } from 'node:crypto';
import {
  ServerProfile,
  ServerProfileCreateLocal,
  type ServerProfileUpdate,
  type ServerProfileUpdateLocal,
} from '@shared/domain/profile';
import {
  FIELD_DEFAULTS,
  FIELD_NAMES,
  PROFILE_FIELDS,
  type ProfileField,
} from '@shared/domain/profile-fields';
import { type Fields, mergeChanges } from '@shared/domain/merge-changes';
import { DomainError, type FieldProblem, validationError } from '@shared/errors';
import { makeAction } from '@shared/errors/action';
import type { AdapterFields } from '../engines/adapters';
import type { Clock, DocumentStore, Logger } from '../ports';
import { parseInput, refusedFields } from '../validation/validation';
import { JsonDocument } from '../storage/json-document';
import type { NoticeBoard } from '../notices/notice-board';
import { changedMeanwhile } from './changed-meanwhile';
import { copyName } from './names';
import { nextFreePort } from './ports';
import { PROFILES_DOCUMENT } from './profile-document';
import { type Input, PLACEHOLDERS, readDraft } from './profile-draft';
import { withStoredSecrets } from './masked-values';
import { findProblems, findWarnings, refuse, type RuleSources, type Scope } from './profile-rules';

export interface ProfileServiceOptions extends Omit<RuleSources, 'nextPort'> {
  readonly document: DocumentStore;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly notices: NoticeBoard;
  /** The options under the one name that each has (`temp` and `temperature` are the same). */
  readonly nameOptions: (profile: AdapterFields & Pick<ServerProfile, 'options'>) => Options;
  readonly stop: (profileId: string) => Promise<void>;
  readonly publish: (profiles: ServerProfile[]) => void;
}

type Options = ServerProfile['options'];

interface Saved {
  profile: ServerProfile;
  warnings: string[];
}

interface Stored {
  readonly profiles: readonly ServerProfile[];
}

type Update = ServerProfileUpdate & Partial<ServerProfileUpdateLocal>;

/** Deletions that can be taken back. */
const MOST_DELETED = 50;

/** Saved profiles: unique names and ports, every change durable before it is acknowledged. */
export class ProfileService {
  readonly #options: ProfileServiceOptions;
  readonly #sources: RuleSources;
  readonly #document: JsonDocument<Stored>;
  /** The newest deleted ones, so that a deletion can be taken back while this manager runs. */
  readonly #deleted = new Map<string, ServerProfile>();
  #queue: Promise<unknown> = Promise.resolve();

  constructor(options: ProfileServiceOptions) {
    this.#options = options;
    this.#sources = { ...options, nextPort: () => this.nextPort() };
    this.#document = new JsonDocument<Stored>({
      store: options.document,
      spec: PROFILES_DOCUMENT,
      clock: options.clock,
      logger: options.logger,
      notices: options.notices,
    });
  }

  get readOnly(): boolean {
    return this.#document.readOnly;
  }

  load(): Promise<void> {
    return this.#document.load();
  }

  /** In the user's order. */
  list(): ServerProfile[] {
    return [...this.#document.value.profiles].sort(
      (a, b) => a.order - b.order || a.createdAt.localeCompare(b.createdAt),
    );
  }

  get(profileId: string): ServerProfile | undefined {
    return this.#document.value.profiles.find((profile) => profile.id === profileId);
  }

  nextPort(): Promise<number> {
    return nextFreePort(this.#document.value.profiles.map((profile) => profile.port));
  }

  /** @throws DomainError conflict, validation, read_only, disk_full, permission. */
  create(input: Input, scope: Scope): Promise<Saved> {
    return this.#serially(async () => {
      const profile = await this.#build(withStoredSecrets(input, undefined));
      const warnings = await this.#check(profile, undefined, scope);
      await this.#save((profiles) => [...profiles, profile]);
      this.#options.logger.info('Created a profile', { id: profile.id, name: profile.name });
      return { profile, warnings };
    });
  }

  /**
   * `base` is what the changed fields were when the change was begun: what others changed since then is kept, and a
   * value that they changed to another one is a conflict.
   * @throws DomainError not_found, conflict, validation, read_only, disk_full, permission.
   */
  update(profileId: string, changes: Update, scope: Scope, base: Update = {}): Promise<Saved> {
    return this.#serially(async () => {
      const before = this.#find(profileId);
      const together = mergeChanges(
        before,
        this.#named(before, withStoredSecrets(changes, before)),
        this.#named(before, withStoredSecrets(base, before)),
      );
      if (together.clashes.length > 0) throw changedMeanwhile(before.name, together.clashes);
      const updatedAt = this.#now();
      const merged = ServerProfile.parse({ ...before, ...together.changes, updatedAt });
      const options = this.#options.nameOptions(merged);
      const profile = { ...merged, options };
      const warnings = await this.#check(profile, before, scope);
      await this.#save((profiles) => profiles.map((p) => (p.id === profileId ? profile : p)));
      this.#options.logger.info('Changed a profile', { id: profile.id, name: profile.name });
      return { profile, warnings };
    });
  }

  /** A copy with a free name and the next free port. */
  duplicate(profileId: string, name?: string): Promise<ServerProfile> {
    return this.#serially(async () => {
      const source = this.#find(profileId);
      const names = this.list().map((profile) => profile.name);
      const { id: _, port: __, order: ___, createdAt: ____, updatedAt: _____, ...fields } = source;
      const wanted = name ?? copyName(source.name, names);
      const parsed = parseInput(ServerProfileCreateLocal, {
        ...fields,
        // An alias means one profile.
        aliases: [],
        name: wanted,
      });
      if (!parsed.success) throw validationError(refusedFields(parsed.error));
      const profile = await this.#build(parsed.data);
      await this.#check(profile, source, { local: true });
      await this.#save((profiles) => [...profiles, profile]);
      this.#options.logger.info('Duplicated a profile', { id: profile.id, name: profile.name });
      return profile;
    });
  }

  /** @throws DomainError not_found, in_use while it runs and `stop` is not given. */
  async delete(profileId: string, { stop }: { stop: boolean }): Promise<void> {
    // Before its turn: a stop takes as long as the server's grace, and others want to save meanwhile.
    if (stop && this.#find(profileId) && this.#options.isActive(profileId)) {
      await this.#options.stop(profileId);
    }
    await this.#serially(async () => {
      const profile = this.#find(profileId);
      if (this.#options.isActive(profileId)) {
        const again = stop ? 'was started again' : 'is running';
        throw new DomainError('in_use', `${profile.name} ${again}. Stop it first.`, {
          action: makeAction('stop', { profileId }),
        });
      }
      await this.#save((profiles) => profiles.filter((p) => p.id !== profileId));
      this.#remember(profile);
      this.#options.logger.info('Deleted a profile', { id: profileId, name: profile.name });
    });
  }

  /**
   * Takes a deletion back: the profile is as it was, at its place.
   * @throws DomainError not_found, and conflict where its name or its port is another one's by now.
   */
  undoDelete(profileId: string): Promise<ServerProfile> {
    return this.#serially(async () => {
      const profile = this.#deleted.get(profileId);
      if (!profile) {
        const message = "This profile can't be restored anymore.";
        throw new DomainError('not_found', message);
      }
      // What it may hold was decided when it was saved.
      await this.#check(profile, profile, { local: true });
      await this.#save((profiles) => [...profiles, profile]);
      this.#deleted.delete(profileId);
      this.#options.logger.info('Brought a profile back', { id: profileId, name: profile.name });
      return profile;
    });
  }

  /** Puts the given ones first, in this order; the others keep theirs behind them. */
  reorder(profileIds: readonly string[]): Promise<void> {
    return this.#serially(async () => {
      const place = new Map(profileIds.map((id, index) => [id, index]));
      const sorted = this.list().sort(
        (a, b) =>
          (place.get(a.id) ?? Number.POSITIVE_INFINITY) -
            (place.get(b.id) ?? Number.POSITIVE_INFINITY) || a.order - b.order,
      );
      await this.#save(() => sorted.map((profile, order) => ({ ...profile, order })));
    });
  }

  async removeAll(): Promise<void> {
    await this.#serially(() => this.#save(() => []));
    this.#deleted.clear();
  }

  /** What a form should show beside its fields, without saving. Never rejects for bad input. */
  async check(
    profileId: string | undefined,
    draft: Record<string, unknown>,
    scope: Scope,
  ): Promise<{ problems: FieldProblem[]; warnings: FieldProblem[] }> {
    const before = profileId === undefined ? undefined : this.#find(profileId);
    const { input, refused } = readDraft(before, draft, scope);
    if (input === undefined) return { problems: [...refused], warnings: [] };
    const profile = await this.#build(input, before);
    const others = this.list().filter((other) => other.id !== profile.id);
    const found = await findProblems(profile, others, before, scope, this.#sources);
    const isRefused = (field: string): boolean =>
      refused.some((problem) => problem.field === field || problem.field.startsWith(`${field}.`));
    const problems = [
      ...refused,
      ...found
        .filter(({ field }) => !isRefused(field))
        .map(({ kind: _, ...problem }): FieldProblem => problem),
    ];
    // A field that is refused needs no warning beside it.
    const withWarnings = !problems.some(({ field }) => field === 'port');
    return { problems, warnings: withWarnings ? await findWarnings(profile, this.#sources) : [] };
  }

  /** What can be made of a draft as it stands, without what is refused of it; undefined where nothing can. */
  async usable(
    profileId: string | undefined,
    draft: Record<string, unknown>,
    scope: Scope,
  ): Promise<ServerProfile | undefined> {
    const before = profileId === undefined ? undefined : this.#find(profileId);
    const { input, refused } = readDraft(before, draft, scope);
    // Of another model than the one that is meant nothing is worth knowing.
    if (input === undefined || refused.some(({ field }) => field === 'model')) return undefined;
    return this.#build(input, before);
  }

  /** The profile that a draft would become, for a preview. @throws DomainError validation. */
  async draft(
    profileId: string | undefined,
    draft: Record<string, unknown>,
  ): Promise<ServerProfile> {
    const before = profileId === undefined ? undefined : this.#find(profileId);
    const { input, refused } = readDraft(before, { ...PLACEHOLDERS, ...draft }, { local: true });
    if (input === undefined || refused.length > 0) throw validationError(refused);
    return this.#build(input, before);
  }

  /** Fields with their options under the names that the stored ones have. */
  #named(before: ServerProfile, fields: Update): Fields {
    const { options } = fields;
    if (options === undefined) return fields;
    const given = Object.entries(fields).filter(([, value]) => value !== undefined);
    const profile = ServerProfile.parse({ ...before, ...Object.fromEntries(given) });
    return { ...fields, options: this.#options.nameOptions(profile) };
  }

  /** Every field as it was given, else as it was before, else as a new profile begins. */
  async #build(input: Input, before?: ServerProfile): Promise<ServerProfile> {
    const now = this.#now();
    const defaults: Partial<Record<ProfileField, unknown>> = structuredClone(FIELD_DEFAULTS);
    const fields = FIELD_NAMES.map((field) => {
      const given = input[field] === undefined ? before?.[field] : input[field];
      return [field, given === undefined ? defaults[field] : given];
    });
    const last = Math.max(-1, ...this.#document.value.profiles.map((profile) => profile.order));
    const profile = ServerProfile.parse({
      port: before?.port ?? input.port ?? (await this.nextPort()),
      order: Math.min(last + 1, PROFILE_FIELDS.order.max),
      ...Object.fromEntries(fields.filter(([, value]) => value !== undefined)),
      id: before?.id ?? newId(),
      createdAt: before?.createdAt ?? now,
      updatedAt: now,
    });
    return { ...profile, options: this.#options.nameOptions(profile) };
  }

  async #check(
    profile: ServerProfile,
    before: ServerProfile | undefined,
    scope: Scope,
  ): Promise<string[]> {
    const others = this.list().filter((other) => other.id !== profile.id);
    refuse(await findProblems(profile, others, before, scope, this.#sources), profile);
    const changedPort = profile.port !== before?.port || profile.id !== before.id;
    return changedPort ? (await findWarnings(profile, this.#sources)).map((w) => w.message) : [];
  }

  async #save(
    change: (profiles: readonly ServerProfile[]) => readonly ServerProfile[],
  ): Promise<void> {
    await this.#document.update(({ profiles }) => ({ profiles: change(profiles) }));
    this.#options.publish(this.list());
  }

  #remember(profile: ServerProfile): void {
    this.#deleted.set(profile.id, profile);
    const [oldest] = this.#deleted.keys();
    if (this.#deleted.size > MOST_DELETED && oldest !== undefined) this.#deleted.delete(oldest);
  }

  #find(profileId: string): ServerProfile {
    const profile = this.get(profileId);
    if (!profile)
      throw new DomainError('not_found', `There is no profile with the id ${profileId}.`);
    return profile;
  }

  #now(): string {
    return new Date(this.#options.clock.now()).toISOString();
  }

  /** Two creations never see the same free port or name. */
  #serially<T>(work: () => Promise<T>): Promise<T> {
    const next = this.#queue.then(work);
    this.#queue = next.catch(() => undefined);
    return next;
  }
}

const ID_CHARACTERS = 'abcdefghijklmnopqrstuvwxyz0123456789';
const ID_LENGTH = 12;

function newId(): string {
  return Array.from(
    { length: ID_LENGTH },
    () => ID_CHARACTERS[randomInt(ID_CHARACTERS.length)],
  ).join('');
}
