import { useState } from 'react';

import { Button } from '@renderer/components/Button';
import { Dialog } from '@renderer/components/Dialog';
import { errorSentence } from '@renderer/components/ErrorBlock';
import { FormGroup, FormRow } from '@renderer/components/Form';
import { Segmented } from '@renderer/components/Segmented';
import { StateGlyph } from '@renderer/components/StateGlyph';
import { Switch } from '@renderer/components/Switch';
import { useLive } from '@renderer/live/use-live';
import { useRpcCommand } from '@renderer/queries/use-rpc';
import { DESKTOP_ONLY } from '@renderer/text/local-only';
import type { LoginItem } from '@shared/domain/desktop';
import { SettingRow } from './SettingRow';
import { useSetting } from './use-setting';

/** What happens when the person logs in, and how the application is reached then. */
export function LoginGroup() {
  const desktop = useLive((data) => data.desktop);
  const showWindow = useSetting('showWindowAtLogin');
  const dockIcon = useSetting('dockIcon');
  const reason = desktop ? undefined : DESKTOP_ONLY;
  return (
    <FormGroup title="At login">
      <OpenAtLogin item={desktop?.loginItem ?? { status: 'unsupported', reason: DESKTOP_ONLY }} />
      <StartProfiles />
      <SettingRow setting={showWindow} hint={reason ?? 'When off, it opens in the menu bar only'}>
        <Switch
          writes
          checked={showWindow.value}
          disabled={reason !== undefined}
          onChange={showWindow.set}
        />
      </SettingRow>
      <SettingRow
        setting={dockIcon}
        hint={
          reason ?? 'If the menu-bar icon is hidden, open the app from Applications or Spotlight'
        }
      >
        <Segmented
          writes
          small
          value={dockIcon.value}
          onChange={dockIcon.set}
          options={[
            { value: 'window', label: 'While a window is open', reason },
            { value: 'always', label: 'Always', reason },
            { value: 'never', label: 'Never', reason },
          ]}
        />
      </SettingRow>
    </FormGroup>
  );
}

/** Shows the status that macOS reports, not what the application asked for. */
function OpenAtLogin({ item }: { readonly item: LoginItem }) {
  const change = useRpcCommand('desktop.setOpenAtLogin');
  const open = useRpcCommand('desktop.openLoginSettings');
  const problem = change.error ?? open.error;
  const waits = item.status === 'requires-approval';
  return (
    <FormRow
      label="Open at login"
      field="openAtLogin"
      hint={item.status === 'unsupported' ? item.reason : undefined}
      problem={problem ? errorSentence(problem) : undefined}
      fix={
        waits && (
          <>
            <span className="flex items-center gap-1.5 text-small text-warning-text">
              <StateGlyph glyph="degraded" size={12} />
              Requires approval in System Settings
            </span>
            <Button writes size="small" onClick={() => open.mutate({})}>
              Open System Settings
            </Button>
          </>
        )
      }
    >
      <Switch
        writes
        checked={item.status === 'enabled' || waits}
        disabled={item.status === 'unsupported'}
        onChange={(on) => change.mutate({ open: on })}
      />
    </FormRow>
  );
}

/** Which profiles start with the application, and whether they do. */
function StartProfiles() {
  const startProfiles = useSetting('startProfiles');
  const profiles = useLive((data) => data.profiles);
  const [choosing, setChoosing] = useState(false);
  const update = useRpcCommand('profiles.update');
  const chosen = profiles.filter((profile) => profile.start === 'app');
  const names = chosen.map(({ name }) => name).join(', ');
  return (
    <>
      <SettingRow setting={startProfiles} hint={names || 'No profiles chosen'}>
        <Button
          size="small"
          reason={profiles.length === 0 ? 'Create a profile first' : undefined}
          onClick={() => setChoosing(true)}
        >
          Choose…
        </Button>
        <Switch
          writes
          aria-label="Start these profiles"
          checked={startProfiles.value}
          onChange={startProfiles.set}
        />
      </SettingRow>
      <Dialog
        open={choosing}
        onOpenChange={setChoosing}
        title="Start with MLX Manager"
        actions={
          <Button kind="primary" onClick={() => setChoosing(false)}>
            Done
          </Button>
        }
      >
        <p className="mb-2">Started one at a time, in list order.</p>
        <div className="-mx-1 max-h-[320px] overflow-y-auto px-1">
          {profiles.map(({ id, name, start }) => (
            <FormRow key={id} label={name}>
              <Switch
                writes
                checked={start === 'app'}
                onChange={(on) =>
                  update.mutate({ profileId: id, changes: { start: on ? 'app' : 'request' } })
                }
              />
            </FormRow>
          ))}
        </div>
        {update.error && (
          <p role="alert" className="mt-2 text-broken-text">
            {errorSentence(update.error)}
          </p>
        )}
      </Dialog>
    </>
  );
}
