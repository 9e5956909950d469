import { useState } from 'react';

import { Button } from '@renderer/components/Button';
import { Dialog } from '@renderer/components/Dialog';
import { ErrorBlock, errorSentence } from '@renderer/components/ErrorBlock';
import { Field } from '@renderer/components/Field';
import { FormRow } from '@renderer/components/Form';
import { useLive } from '@renderer/live/use-live';
import { useRpcCommand } from '@renderer/queries/use-rpc';

interface FolderDialogProps {
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
}

/** Asks for a folder to scan for models; only where this view may name paths. */
export function FolderDialog({ open, onOpenChange }: FolderDialogProps) {
  const [path, setPath] = useState('');
  const add = useRpcCommand('models.addFolder');
  const choose = useRpcCommand('desktop.chooseFolder');
  const isDesktop = useLive((data) => data.desktop !== null);
  const submit = (): void => {
    add.mutate({ path }, { onSuccess: () => onOpenChange(false) });
  };
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      title="Add models folder"
      actions={
        <>
          <Button onClick={() => onOpenChange(false)}>Cancel</Button>
          <Button writes kind="primary" busy={add.isPending} onClick={submit}>
            Add folder
          </Button>
        </>
      }
    >
      <FormRow
        label="Folder"
        hint="MLX Manager looks for models up to three levels deep. Nothing is moved."
        stacked
      >
        <span className="flex items-center gap-2">
          <Field
            value={path}
            onChange={setPath}
            mono
            width="w-full"
            placeholder="/Volumes/Models"
          />
          {isDesktop && (
            <Button
              writes
              onClick={() =>
                choose.mutate({}, { onSuccess: (chosen) => chosen.path && setPath(chosen.path) })
              }
            >
              Choose…
            </Button>
          )}
        </span>
      </FormRow>
      {add.error && <ErrorBlock className="mt-3" sentence={errorSentence(add.error)} />}
    </Dialog>
  );
}
