import { useState } from 'react';

import { Button } from '@renderer/components/Button';
import { Dialog } from '@renderer/components/Dialog';
import { ErrorBlock, errorSentence } from '@renderer/components/ErrorBlock';
import { Field } from '@renderer/components/Field';
import { FormRow } from '@renderer/components/Form';
import { useRpcCommand } from '@renderer/queries/use-rpc';
import type { AvailableEngine } from '@shared/domain/engine';

interface EngineDialogProps {
  readonly engine: AvailableEngine['engine'];
  readonly onClose: () => void;
}

/** Asks for a version to install beside the others. */
export function InstallVersionDialog({ engine, onClose }: EngineDialogProps) {
  const [version, setVersion] = useState('');
  const install = useRpcCommand('engines.install');
  const submit = (): void =>
    install.mutate({ engine, version: version.trim() }, { onSuccess: onClose });
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={`Install a version of ${engine}`}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            writes
            kind="primary"
            busy={install.isPending}
            reason={version.trim() === '' && 'Type a version'}
            onClick={submit}
          >
            Install version
          </Button>
        </>
      }
    >
      <FormRow
        label="Version"
        hint="Installed alongside other versions and used once it passes its self-test."
        stacked
      >
        <Field value={version} onChange={setVersion} mono placeholder="0.32.2" width="w-full" />
      </FormRow>
      {install.error && <ErrorBlock className="mt-3" sentence={errorSentence(install.error)} />}
    </Dialog>
  );
}

/** Asks for the Python of an environment that exists already. */
export function RegisterDialog({ engine, onClose }: EngineDialogProps) {
  const [python, setPython] = useState('');
  const register = useRpcCommand('engines.register');
  const submit = (): void =>
    register.mutate({ engine, python: python.trim() }, { onSuccess: onClose });
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={`Register an existing ${engine}`}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            writes
            kind="primary"
            busy={register.isPending}
            reason={python.trim() === '' && 'Type a path'}
            onClick={submit}
          >
            Register
          </Button>
        </>
      }
    >
      <FormRow
        label="Python"
        hint="Path to a Python that has the engine installed. It won't be modified."
        stacked
      >
        <Field
          value={python}
          onChange={setPython}
          mono
          placeholder="/Users/me/venv/bin/python"
          width="w-full"
        />
      </FormRow>
      {register.error && <ErrorBlock className="mt-3" sentence={errorSentence(register.error)} />}
    </Dialog>
  );
}
