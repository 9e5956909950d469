import type { Session, SessionSink } from '@core/rpc/session';
import type { Scope } from '@shared/contract/define';
import type { ResponseFrame } from '@shared/rpc/frames';

/** What a transport needs of the core: the same for every way in. */
export interface Endpoint {
  connect(sink: SessionSink, scopes: ReadonlySet<Scope>): Session;
  /** Never rejects: every failure is an error frame. */
  dispatch(raw: unknown, session: Session): Promise<ResponseFrame>;
}

/** Scopes of programs that this user started on this machine. */
export const LOCAL_SCOPES: ReadonlySet<Scope> = new Set<Scope>(['any', 'local']);

/** Scopes of what comes over HTTP. */
export const REMOTE_SCOPES: ReadonlySet<Scope> = new Set<Scope>(['any']);
