import type { ReactNode } from 'react';

import { Button } from '@renderer/components/Button';
import { FormRow } from '@renderer/components/Form';
import { SETTING_LABELS } from '@renderer/text/setting-labels';
import type { SettingKey } from '@shared/domain/settings';
import { focusControl } from './focus-control';
import type { Setting, SettingConflict } from './use-setting';

interface SettingRowProps<K extends SettingKey> {
  readonly setting: Setting<K>;
  readonly hint?: string;
  /** What is wrong with what is typed, before it is sent. */
  readonly problem?: string | undefined;
  /** The control below the label, over the whole width. */
  readonly stacked?: boolean;
  /** The control. */
  readonly children: ReactNode;
}

/** The row of one setting; where it is not as delivered, it offers the way back beside the control. */
export function SettingRow<K extends SettingKey>(props: SettingRowProps<K>) {
  const { setting, hint, problem, stacked, children } = props;
  const label = SETTING_LABELS[setting.key];
  const { reset, conflict } = setting;
  return (
    <FormRow
      label={label}
      hint={hint}
      field={setting.key}
      {...(stacked ? { stacked } : {})}
      problem={problem ?? setting.problem ?? (conflict && conflictSentence(label, conflict))}
      fix={
        conflict ? (
          <>
            <Button size="small" onClick={conflict.keepStored}>
              Keep {String(conflict.stored)}
            </Button>
            <Button writes size="small" onClick={conflict.keepMine}>
              Save {String(conflict.given)}
            </Button>
          </>
        ) : (
          reset && (
            <Button
              writes
              kind="plain"
              size="small"
              aria-label={`Reset to default: ${label}`}
              onClick={(event) => {
                // The button goes when it has acted; the focus stays with the setting.
                focusControl(event.currentTarget.closest('[data-field]'));
                reset();
              }}
            >
              Reset to default
            </Button>
          )
        )
      }
    >
      {children}
    </FormRow>
  );
}

function conflictSentence(label: string, { stored, given }: SettingConflict): string {
  return `${label} was changed elsewhere to ${String(stored)}; yours, ${String(given)}, wasn't saved.`;
}
