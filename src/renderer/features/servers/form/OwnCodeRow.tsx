import { type ComponentProps, useState } from 'react';

import { ConfirmDialog } from '@renderer/components/Dialog';
import { useRpcQuery } from '@renderer/queries/use-rpc';
import { modelName } from '@renderer/text/server-text';
import { OptionRow } from './OptionRow';

/** The option, by its name on every engine, that lets a model's own Python run. */
export const OWN_CODE = 'trust-remote-code';

interface OwnCodeRowProps extends ComponentProps<typeof OptionRow> {
  readonly model: string;
}

/** A model's own code runs with the person's rights: switched on only after the person was told so. */
export function OwnCodeRow({ model, onChange, ...row }: OwnCodeRowProps) {
  const [asking, setAsking] = useState(false);
  const found = useRpcQuery('models.list', {}, { enabled: asking });
  const code = found.data?.find(({ ref }) => ref === model)?.code ?? [];
  return (
    <>
      <OptionRow
        {...row}
        onChange={(value) => (value === true ? setAsking(true) : onChange(value))}
      />
      <ConfirmDialog
        open={asking}
        onOpenChange={setAsking}
        title={`Run the code that comes with ${modelName(model) || 'the model'}?`}
        confirmLabel="Allow its code"
        onConfirm={() => {
          setAsking(false);
          onChange(true);
        }}
      >
        <p>
          The code runs as you, like any program: it can read and change your files and use the
          network. Allow it only if you trust whoever made the model.
        </p>
        {code.length > 0 && (
          <ul aria-label="Its Python files" className="mt-2 font-mono text-small">
            {code.map((name) => (
              <li key={name} className="truncate">
                {name}
              </li>
            ))}
          </ul>
        )}
        {found.data && code.length === 0 && (
          <p className="mt-2">The copy on this machine contains no Python files.</p>
        )}
      </ConfirmDialog>
    </>
  );
}
