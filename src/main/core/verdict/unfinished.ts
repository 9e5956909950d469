/** Endings of files that a download has not finished. */
const PARTIAL = /\.(?:incomplete|part|partial|download|aria2|crdownload)$/;

/** What is wrong with a file that is not there, where a download of it lies beside. */
export function unfinished(file: string, names: readonly string[]): string | undefined {
  const isUnderWay = names.some((name) => PARTIAL.test(name) && finishedName(name).endsWith(file));
  return isUnderWay ? 'is not fully downloaded' : undefined;
}

/** The name that a file gets once its download has ended. */
export const finishedName = (name: string): string => name.replace(PARTIAL, '');

/** Whether a name is one of weights that a download has not finished. */
export function isPartialWeights(name: string): boolean {
  return PARTIAL.test(name) && /\.(?:safetensors|npz)$/.test(finishedName(name));
}
