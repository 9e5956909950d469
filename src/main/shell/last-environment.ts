import type { DocumentStore } from '@core/ports';
import type { Seen } from '@core/ports/processes';
import { messageOf } from '@shared/errors';
import { redactSecrets } from '@shared/domain/redact';
import { isSecretVariable } from '@shared/domain/secret';

import { RESOLVING, takenOver } from './login-environment';

type Env = Readonly<Record<string, string | undefined>>;

interface Stored {
  readonly env: Readonly<Record<string, string>>;
  readonly readAt: number;
}

/** What is to be set, and what the person should know about it. */
export interface Resolved {
  readonly env: Readonly<Record<string, string>>;
  readonly warning?: string;
}

/**
 * What the application takes over of the login shell's environment: what it tells now, else what it told last. A
 * shell that is slow this one time must not make the models of another folder vanish.
 */
export async function resolveEnvironment(
  read: Seen<Record<string, string>>,
  own: Env,
  { document, now }: { readonly document: DocumentStore; readonly now: number },
): Promise<Resolved> {
  if (read.known) {
    const env = takenOver(read.value, own);
    const problem = await remember(takenOver(read.value, {}), document, now);
    return problem === undefined ? { env } : { env, warning: problem };
  }
  const last = await recall(document);
  const hint = `Your shell's startup files can skip slow parts when ${RESOLVING} is set.`;
  if (last === undefined) {
    const warning = `Couldn't read your shell's environment (${read.reason}). A PATH, proxy or HF_HOME set there is ignored until you reopen MLX Manager. ${hint}`;
    return { env: takenOver({}, own), warning };
  }
  const date = new Date(last.readAt).toISOString().slice(0, 10);
  const warning = `Couldn't read your shell's environment (${read.reason}), so the one from ${date} is used. ${hint}`;
  return { env: takenOver(last.env, own), warning };
}

/** Tokens and passwords stay out of the file; they are missing when it is used. */
async function remember(
  env: Readonly<Record<string, string>>,
  document: DocumentStore,
  now: number,
): Promise<string | undefined> {
  const kept = Object.entries(env).filter(
    ([name, value]) =>
      redactSecrets(value) === value && (name === 'PATH' || !isSecretVariable(name, value)),
  );
  try {
    await document.write({ env: Object.fromEntries(kept), readAt: now });
    return undefined;
  } catch (error) {
    return `Couldn't save your shell's environment: ${messageOf(error)}`;
  }
}

/** A file that is damaged or cannot be read tells nothing: the warning says that nothing is known. */
async function recall(document: DocumentStore): Promise<Stored | undefined> {
  try {
    const { env, readAt }: Partial<Record<keyof Stored, unknown>> = Object(
      JSON.parse((await document.read()) ?? ''),
    );
    if (typeof env !== 'object' || env === null || typeof readAt !== 'number') return undefined;
    const texts = Object.entries(env).filter(([, value]) => typeof value === 'string');
    return { env: Object.fromEntries(texts), readAt };
  } catch {
    return undefined;
  }
}
