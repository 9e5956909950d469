import { FormGroup } from '@renderer/components/Form';
import { Switch } from '@renderer/components/Switch';
import { ListSetting } from './ListSetting';
import { NumberSetting } from './NumberSetting';
import { SettingRow } from './SettingRow';
import { useSetting } from './use-setting';

/** Whether and where the gateway listens, and who may use it. */
export function GatewayGroup() {
  const enabled = useSetting('gatewayEnabled');
  const requireKey = useSetting('gatewayRequireKey');
  return (
    <FormGroup title="Gateway">
      <SettingRow
        setting={enabled}
        hint="One address for every server: programs name a profile, which starts when it's needed."
      >
        <Switch writes checked={enabled.value} onChange={enabled.set} />
      </SettingRow>
      <NumberSetting
        name="gatewayPort"
        hint="Programs must be told when it changes. A port in use is never replaced by another. 1 to 65,535."
      />
      <SettingRow
        setting={requireKey}
        hint="Programs on this machine need a key too. From other machines, one is always needed."
      >
        <Switch writes checked={requireKey.value} onChange={requireKey.set} />
      </SettingRow>
      <ListSetting
        name="gatewayAllowedOrigins"
        hint="Web pages that may use the gateway. One origin per line, such as https://chat.example.com."
      />
      <ListSetting
        name="gatewayAllowedHosts"
        hint="Other names that lead to the gateway, such as those of a proxy. One per line, such as mac.local."
      />
    </FormGroup>
  );
}
