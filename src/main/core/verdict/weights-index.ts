import path from 'node:path';
import { z } from 'zod';

import { parsePythonJson } from './python-json';

export const INDEX = 'model.safetensors.index.json';

const Total = z.number().positive().optional().catch(undefined);
const Index = z.object({
  metadata: z.object({ total_size: Total, total_parameters: Total }).optional().catch(undefined),
  weight_map: z.record(z.string(), z.string()).optional().catch(undefined),
});

/** What an index of sharded weights says. */
export interface WeightsIndex {
  /** The file of each tensor; undefined where it has no list of them. */
  readonly files: ReadonlyMap<string, string> | undefined;
  /** Bytes of all tensors. */
  readonly totalSize: number | undefined;
  readonly totalParameters: number | undefined;
  /** mlx-vlm reads the list of an index that is JSON, whatever it holds, and fails on what is none. */
  readonly isUsable: boolean;
}

/** @param text of the index. @returns undefined for what is no JSON: engines go by the files then. */
export function readIndex(text: string): WeightsIndex | undefined {
  let value: unknown;
  try {
    value = parsePythonJson(text);
  } catch {
    return undefined;
  }
  const { success, data } = Index.safeParse(value);
  const map = data?.weight_map;
  const hasList = typeof value === 'object' && value !== null && 'weight_map' in value;
  return {
    files:
      map &&
      new Map(Object.entries(map).map(([tensor, file]) => [tensor, path.posix.normalize(file)])),
    totalSize: data?.metadata?.total_size,
    totalParameters: data?.metadata?.total_parameters,
    isUsable: success && (map !== undefined || !hasList),
  };
}
