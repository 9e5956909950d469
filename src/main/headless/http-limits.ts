/** What one client may cost; the times are milliseconds. */
export interface HttpLimits {
  readonly headerBytes: number;
  readonly headersMs: number;
  readonly requestMs: number;
  readonly connections: number;
  readonly requestsPerConnection: number;
}

export const LIMITS: HttpLimits = {
  headerBytes: 16 * 1024,
  headersMs: 10_000,
  requestMs: 30_000,
  connections: 512,
  requestsPerConnection: 1000,
};
