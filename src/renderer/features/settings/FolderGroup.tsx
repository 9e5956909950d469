import { Folder, Minus } from 'lucide-react';
import { useState } from 'react';

import { Button, IconButton } from '@renderer/components/Button';
import { ErrorBlock } from '@renderer/components/ErrorBlock';
import { FormGroup } from '@renderer/components/Form';
import { FolderDialog } from '@renderer/domain/models/FolderDialog';
import { useIsLocal } from '@renderer/live/use-live';
import { useRpcQuery, useRpcCommand } from '@renderer/queries/use-rpc';
import { LOCAL_ONLY } from '@renderer/text/local-only';
import { settingProblem } from '@renderer/text/setting-labels';
import type { Model, ModelFolder } from '@shared/domain/model';
import { formatDisk } from '@shared/format/bytes';
import { formatCount } from '@shared/format/counts';
import { bytesInFolder } from './storage';

const ORIGINS: Readonly<Record<ModelFolder['origin'], string>> = {
  huggingface: 'Hugging Face cache, for new downloads',
  lmstudio: 'LM Studio',
  omlx: 'oMLX',
  ollama: 'Ollama',
  added: 'Added folder',
};

const STATES = { ok: '', missing: 'Missing', unreadable: 'Not readable' } as const;

/** `3 models, 12.1 GB`. */
function contents(folder: ModelFolder, models: readonly Model[]): string {
  const count = formatCount(folder.models, 'model');
  if (folder.models === 0) return count;
  const bytes = bytesInFolder(models, folder.path, folder.origin === 'huggingface');
  return `${count}, ${formatDisk(bytes)}`;
}

/** Where models are looked for. */
export function FolderGroup() {
  const folders = useRpcQuery('models.folders', {});
  const models = useRpcQuery('models.list', {});
  const remove = useRpcCommand('models.removeFolder');
  const isLocal = useIsLocal();
  const [adding, setAdding] = useState(false);
  const problem = remove.error ?? folders.error;
  return (
    <div data-field="modelFolders">
      <FormGroup title="Models" note="Removing a folder from the list doesn't delete its files.">
        {(folders.data ?? []).map((folder) => (
          <div key={folder.path} className="flex min-h-10 items-center gap-3 py-1.5">
            <Folder size={16} strokeWidth={1.5} aria-hidden />
            <div className="min-w-0 flex-1">
              <p className="truncate font-mono text-[12px]">{folder.path}</p>
              <p className="text-caption text-text-3">
                {ORIGINS[folder.origin]}
                {folder.freeBytes !== undefined && `, ${formatDisk(folder.freeBytes)} free`}
              </p>
            </div>
            <span className="text-small text-text-2">
              {STATES[folder.state] || contents(folder, models.data ?? [])}
            </span>
            {folder.origin === 'added' && (
              <IconButton
                writes
                size="small"
                label={`Remove ${folder.path} from the list`}
                reason={isLocal ? undefined : LOCAL_ONLY}
                onClick={() => remove.mutate({ path: folder.path })}
              >
                <Minus size={14} />
              </IconButton>
            )}
          </div>
        ))}
        <div className="flex min-h-10 items-center justify-end">
          <Button
            writes
            size="small"
            reason={isLocal ? undefined : LOCAL_ONLY}
            onClick={() => setAdding(true)}
          >
            Add folder…
          </Button>
        </div>
      </FormGroup>
      {problem && <ErrorBlock className="mt-2" sentence={settingProblem(problem)} />}
      <FolderDialog open={adding} onOpenChange={setAdding} />
    </div>
  );
}
