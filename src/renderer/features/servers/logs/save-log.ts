import type { LogLine, LogRun } from '@shared/domain/log';
import type { Client } from '@shared/rpc/client';
import { isCheck } from './log-filter';

const CHUNK_LINES = 5000;
const WHOSE = { engine: '', manager: 'manager ', probe: 'check ' } as const;

function asText(lines: readonly LogLine[]): string {
  return lines.map(({ time, source, text }) => `${time} ${WHOSE[source]}${text}\n`).join('');
}

/** The newest of these lines as text, at most 5,000. */
export function copiedLines(lines: readonly LogLine[]): string {
  return asText(lines.slice(-CHUNK_LINES));
}

/** The newest lines of a run as text, at most 5,000; those about checks only where they are shown. */
export async function newestLines(
  client: Client,
  profileId: string,
  run: LogRun,
  checks: boolean,
): Promise<string> {
  const page = await client.call('logs.read', {
    profileId,
    run: run.run,
    from: -CHUNK_LINES,
    limit: CHUNK_LINES,
  });
  return asText(page.lines.filter((line) => checks || !isCheck(line)));
}

/** Reads a whole run, piece by piece, and saves it as a file. */
export async function saveRun(
  client: Client,
  profileId: string,
  run: LogRun,
  fileName: string,
): Promise<void> {
  const parts: string[] = [];
  for (let from = run.firstLine; ; ) {
    const page = await client.call('logs.read', {
      profileId,
      run: run.run,
      from,
      limit: CHUNK_LINES,
    });
    const last = page.lines.at(-1);
    if (!last) break;
    parts.push(asText(page.lines));
    from = last.n + 1;
  }
  const url = URL.createObjectURL(new Blob(parts, { type: 'text/plain' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = fileName;
  link.click();
  URL.revokeObjectURL(url);
}
