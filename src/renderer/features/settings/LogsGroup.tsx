import { FormGroup } from '@renderer/components/Form';
import { NumberSetting } from './NumberSetting';

/** How much is kept of what servers print, and how often they are measured. */
export function LogsGroup() {
  return (
    <FormGroup title="Logs and metrics">
      <NumberSetting
        name="logFileMegabytes"
        hint="A new file starts at this size. 1 to 1000 MB."
        unit="MB"
      />
      <NumberSetting name="logFilesKept" hint="Across all runs. 1 to 50." />
      <NumberSetting
        name="sampleSeconds"
        hint="How often CPU and memory are measured. 1 to 60 s."
        unit="s"
      />
    </FormGroup>
  );
}
