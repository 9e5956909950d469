/**
 * How a request of the manager's own is marked in its path, so that the engine's log tells it apart from
 * the requests of others, also after the manager was started again and in a log that is read years later:
 *
 * - `query`: a query that means nothing. uvicorn logs it, and the frameworks on it pass it over.
 * - `slashes`: three slashes before the path. mlx_lm.server compares the whole path, so that a query
 *   would be answered 404; Python's `http.server` takes several leading slashes for one since 3.10.6
 *   (gh-87389) and logs the request line as it came.
 *
 * No client sends either by chance: one slash too many is common, two are not.
 */
export type ProbeMark = 'query' | 'slashes';

const QUERY = 'mlx-manager=check';

/** The path with the mark. */
export function markPath(path: string, mark: ProbeMark): string {
  if (mark === 'slashes') return `//${path}`;
  return `${path}${path.includes('?') ? '&' : '?'}${QUERY}`;
}

const MARKED = /"(?:GET|POST) (?:\/\/\/|\/[^\s"]{0,200}[?&]mlx-manager=check\b)/;

/** Whether this line of an engine's log tells of a request with the mark. */
export function tellsOfProbe(text: string): boolean {
  return MARKED.test(text);
}
