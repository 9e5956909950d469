/** Why a request is not carried out, before each dialect puts it into its own shape. */
export interface Refusal {
  readonly status: number;
  /** As OpenAI names it, e.g. `model_not_found`, `context_length_exceeded`. */
  readonly code: string;
  /** A sentence for whoever asked: what is wrong with which field, and what is allowed. */
  readonly message: string;
  /** The field of the body that it is about. */
  readonly param?: string | undefined;
  /** Seconds, for a `Retry-After`. */
  readonly retryAfterSeconds?: number | undefined;
  /** Tells clients' own libraries not to ask again. */
  readonly isFinal?: boolean | undefined;
  /** Headers that belong to this answer in every dialect, such as `allow` of a 405; names in small letters. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

export class RequestRefused extends Error {
  constructor(readonly refusal: Refusal) {
    super(refusal.message);
    this.name = 'RequestRefused';
  }
}

/** A field of the body that cannot be used. */
export function badField(param: string, message: string): RequestRefused {
  return new RequestRefused({ status: 400, code: 'invalid_value', message, param });
}
