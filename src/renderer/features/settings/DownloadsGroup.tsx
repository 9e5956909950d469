import { FormGroup } from '@renderer/components/Form';
import { useLive } from '@renderer/live/use-live';
import { formatDisk } from '@shared/format/bytes';
import { LimitHours } from './LimitHours';
import { NumberSetting } from './NumberSetting';

/** How many downloads at once, over how many connections, how fast and when. */
export function DownloadsGroup() {
  const speed = useLive((data) =>
    data.downloads.reduce((sum, { bytesPerSecond = 0 }) => sum + bytesPerSecond, 0),
  );
  const now = speed > 0 ? `, now ${formatDisk(speed)}/s` : '';
  return (
    <FormGroup title="Downloads" note="Interrupted downloads resume where they left off.">
      <NumberSetting name="parallelDownloads" hint="Others wait in the queue. 1 to 8." />
      <NumberSetting name="downloadConnections" hint="Shared by all downloads. 1 to 64." />
      <NumberSetting
        name="downloadLimitMegabytes"
        hint={`For all downloads together${now}. 0 means no limit.`}
        unit="MB/s"
      />
      <LimitHours />
    </FormGroup>
  );
}
