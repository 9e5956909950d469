import { Folder, Minus } from 'lucide-react';
import { useState } from 'react';
import { Button, IconButton } from '../../components/Button';
import { ErrorBlock, errorSentence } from '../../components/ErrorBlock';
import { FormGroup } from '../../components/Form';
import { formatCount } from '../../components/format';
import { LOCAL_ONLY } from '../../components/local-only';
import { useIsLocal } from '../../live/use-live';
import { useAsk, useTell } from '../../queries/use-ask';
import { FolderDialog } from '../models/FolderDialog';

const STATES = { ok: '', missing: 'Not there', unreadable: 'Not readable' } as const;

/** Where models are looked for. */
export function FolderGroup() {
  const folders = useAsk('models.folders', {});
  const remove = useTell('models.removeFolder');
  const isLocal = useIsLocal();
  const [adding, setAdding] = useState(false);
  return (
    <>
      <FormGroup
        title="Models"
        note="Removing a folder from the list leaves its files where they are."
      >
        {(folders.data ?? []).map((folder) => (
          <div key={folder.path} className="flex min-h-10 items-center gap-3 py-1.5">
            <Folder size={16} strokeWidth={1.5} aria-hidden />
            <div className="min-w-0 flex-1">
              <p className="truncate font-mono text-[12px]">{folder.path}</p>
              <p className="text-caption text-text-3">
                {folder.origin === 'huggingface' ? 'Hugging Face cache' : 'Added folder'}
              </p>
            </div>
            <span className="text-small text-text-2">
              {STATES[folder.state] || formatCount(folder.models, 'model')}
            </span>
            {folder.origin === 'added' && (
              <IconButton
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
            size="small"
            reason={isLocal ? undefined : LOCAL_ONLY}
            onClick={() => setAdding(true)}
          >
            Add folder…
          </Button>
        </div>
      </FormGroup>
      {remove.error && <ErrorBlock className="mt-2" sentence={errorSentence(remove.error)} />}
      <FolderDialog open={adding} onOpenChange={setAdding} />
    </>
  );
}
