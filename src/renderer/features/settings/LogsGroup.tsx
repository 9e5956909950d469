import { FormGroup } from '@renderer/components/Form';
import { NumberSetting } from './NumberSetting';

/** How much is kept of what servers print, and how often they are measured. */
export function LogsGroup() {
  return (
    <FormGroup title="Logs and metrics">
      <NumberSetting name="logFileMegabytes" hint="1 to 1000; then a new one is begun" unit="MB" />
      <NumberSetting name="logFilesKept" hint="1 to 50, over all its runs" />
      <NumberSetting name="sampleSeconds" hint="1 to 60; CPU and memory of each server" unit="s" />
    </FormGroup>
  );
}
