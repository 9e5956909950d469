import { FormGroup } from '@renderer/components/Form';
import { Segmented } from '@renderer/components/Segmented';
import { Switch } from '@renderer/components/Switch';
import { useLive } from '@renderer/live/use-live';
import { DESKTOP_ONLY } from '@renderer/text/local-only';
import { NumberSetting } from './NumberSetting';
import { SettingRow } from './SettingRow';
import { useSetting } from './use-setting';

/** How the application looks and what it does with servers when it ends. */
export function GeneralGroup() {
  const appearance = useSetting('appearance');
  const onQuit = useSetting('onQuit');
  const setupSkipped = useSetting('setupSkipped');
  const isDesktop = useLive((data) => data.desktop !== null);
  return (
    <FormGroup title="General">
      <SettingRow setting={appearance}>
        <Segmented
          writes
          small
          value={appearance.value}
          onChange={appearance.set}
          options={[
            { value: 'system', label: 'System' },
            { value: 'light', label: 'Light' },
            { value: 'dark', label: 'Dark' },
          ]}
        />
      </SettingRow>
      <SettingRow
        setting={onQuit}
        hint="Servers left running reconnect when you reopen MLX Manager"
      >
        <Segmented
          writes
          small
          value={onQuit.value}
          onChange={onQuit.set}
          options={[
            { value: 'stop', label: 'Stop servers' },
            { value: 'leave-running', label: 'Leave them running' },
            { value: 'ask', label: 'Ask', reason: isDesktop ? undefined : DESKTOP_ONLY },
          ]}
        />
      </SettingRow>
      <NumberSetting
        name="stopGraceSeconds"
        hint="Servers that don't stop in time are force-quit. 1 to 120 s."
        unit="s"
      />
      <SettingRow setting={setupSkipped} hint="Shown in Servers until you create a profile">
        <Switch
          writes
          checked={!setupSkipped.value}
          onChange={(shown) => setupSkipped.set(!shown)}
        />
      </SettingRow>
    </FormGroup>
  );
}
