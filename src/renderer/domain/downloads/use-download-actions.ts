import { errorSentence } from '@renderer/components/ErrorBlock';
import { useRpcCommand } from '@renderer/queries/use-rpc';
import type { Download } from '@shared/domain/download';

export interface DownloadActions {
  readonly pause: () => void;
  /** Goes on with one that is paused, or tries one that has failed again. */
  readonly resume: () => void;
  readonly cancel: () => void;
  readonly busy: boolean;
  /** Why the last of these was refused. */
  readonly problem: string | undefined;
}

/** What can be done with a download; without one there is nothing to call. */
export function useDownloadActions(download: Download | undefined): DownloadActions {
  const downloadId = download?.id ?? '';
  const pause = useRpcCommand('downloads.pause');
  const resume = useRpcCommand('downloads.resume');
  const cancel = useRpcCommand('downloads.cancel');
  const all = [pause, resume, cancel];
  const error = all.find((one) => one.error)?.error;
  const doing = (one: (typeof all)[number], mutate: () => void) => (): void => {
    for (const other of all) if (other !== one) other.reset();
    mutate();
  };
  return {
    pause: doing(pause, () => pause.mutate({ downloadId })),
    resume: doing(resume, () => resume.mutate({ downloadId })),
    cancel: doing(cancel, () => cancel.mutate({ downloadId })),
    busy: all.some(({ isPending }) => isPending),
    problem: error ? errorSentence(error) : undefined,
  };
}
