import { FormGroup } from '@renderer/components/Form';
import { Switch } from '@renderer/components/Switch';
import { ListSetting } from './ListSetting';
import { SettingRow } from './SettingRow';
import { useSetting } from './use-setting';

/** Who may use the gateway. */
export function GatewayGroup() {
  const requireKey = useSetting('gatewayRequireKey');
  return (
    <FormGroup title="Gateway">
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
