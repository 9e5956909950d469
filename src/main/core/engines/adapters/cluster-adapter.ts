import type { Cluster } from '@shared/domain/cluster';
import type { EngineAdapter } from './adapter';
import { clusterFailures, findClusterFailure } from './rank-log';

/** An engine as it is behind the launcher: a tree of processes, and other words at its end. */
export function clusterAdapter(adapter: EngineAdapter, cluster: Cluster): EngineAdapter {
  return {
    ...adapter,
    processTree: 'parent-and-children',
    // The launcher ends with 0 when a rank has died.
    exitZeroMayFail: true,
    failures: [...clusterFailures(cluster), ...adapter.failures],
    // That the thread of one rank ended is the effect of what happened to another.
    findFailure: (lines) =>
      findClusterFailure(
        cluster,
        adapter.failures.filter(({ always }) => !always),
        lines,
      ),
  };
}
