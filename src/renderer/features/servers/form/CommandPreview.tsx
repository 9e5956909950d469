import { useMemo } from 'react';

import { CodeBlock } from '@renderer/components/CodeBlock';
import { errorSentence } from '@renderer/components/ErrorBlock';
import { useDebouncedValue } from '@renderer/components/use-debounced-value';
import { useIsLocal } from '@renderer/live/use-live';
import { useRpcQuery } from '@renderer/queries/use-rpc';
import { commandLines } from '@renderer/text/command-text';
import { draftValues, type ProfileDraft } from './draft';

/** A long path keeps its end: the folders before it say little here. */
function shortened(part: string): string {
  const name = part.split('/').at(-1) ?? part;
  return part.startsWith('/') && part.length > 28 ? `…/${name}` : part;
}

interface CommandPreviewProps {
  readonly draft: ProfileDraft;
  readonly profileId: string | undefined;
}

/** What the draft would run. */
export function CommandPreview({ draft, profileId }: CommandPreviewProps) {
  const local = useIsLocal();
  const settled = useDebouncedValue(draft);
  const input = useMemo(
    () => ({ ...(profileId ? { profileId } : {}), draft: draftValues(settled, local) }),
    [settled, profileId, local],
  );
  const complete = settled.model !== '' && settled.port !== undefined;
  const command = useRpcQuery('profiles.previewCommand', input, { keep: true, enabled: complete });
  return (
    <aside aria-label="Command" className="min-w-0">
      <h3 className="mb-2 font-semibold @max-[700px]:sr-only">Command</h3>
      {command.data && !command.error ? (
        <CodeBlock
          low
          label="Command of this draft"
          copy={command.data.shell}
          copyLabel="Copy as shell line"
        >
          {commandLines(command.data.argv.map(shortened))}
        </CodeBlock>
      ) : (
        <p className="text-text-2">
          {command.error ? errorSentence(command.error) : 'Choose a model to see the command.'}
        </p>
      )}
    </aside>
  );
}
