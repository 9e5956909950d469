import { FormGroup } from '@renderer/components/Form';
import { useLive } from '@renderer/live/use-live';
import { formatMemory } from '@shared/format/bytes';
import { keptFree, limitHint } from './memory-limits';
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
        hint={`Models that would leave less than ${formatMemory(keptFree(settings, machine))} are marked Tight. 0 to 50, but at least 1 GiB.`}
        unit="%"
      />
    </FormGroup>
  );
}
