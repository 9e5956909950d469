import pMap from 'p-map';

/**
 * The results of some work in the order of the items, so many at the same time. The first failure is the end of all:
 * no further item is begun, and work that is under way hears by its signal that nobody waits for it.
 * @param wanted the signal of who waits for all of it, where there is one.
 */
export function inParallel<T, R>(
  items: Iterable<T>,
  concurrency: number,
  work: (item: T, signal: AbortSignal) => Promise<R>,
  wanted?: AbortSignal,
): Promise<R[]> {
  const failed = new AbortController();
  const signal = wanted ? AbortSignal.any([wanted, failed.signal]) : failed.signal;
  const attempt = async (item: T): Promise<R> => {
    try {
      return await work(item, signal);
    } catch (error) {
      failed.abort(error);
      throw error;
    }
  };
  return pMap(items, attempt, { concurrency, stopOnError: true, signal: wanted });
}
