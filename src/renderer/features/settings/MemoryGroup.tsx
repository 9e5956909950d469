import { FormGroup } from '../../components/Form';
import { formatMemory } from '../../components/format';
import { useLive } from '../../live/use-live';
import { keptFree, limitHint } from './memory-words';
import { NumberSetting } from './NumberSetting';

/** How much of the machine servers may take, and what should be left. */
export function MemoryGroup() {
  const machine = useLive((data) => data.machine);
  const settings = useLive((data) => data.settings);
  return (
    <FormGroup title="Memory">
      <NumberSetting name="serverMemoryLimitGib" hint={limitHint(settings, machine)} unit="GiB" />
      <NumberSetting
        name="keepFreePercent"
        hint={`0 to 50, at least 1 GiB: ${formatMemory(keptFree(settings, machine))} here; leaving less counts as tight`}
        unit="%"
      />
    </FormGroup>
  );
}
