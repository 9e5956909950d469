import { Facts } from '@renderer/components/Facts';
import { FormGroup } from '@renderer/components/Form';
import { useLive } from '@renderer/live/use-live';

/** Which manager this is. */
export function AboutGroup() {
  const manager = useLive((data) => data.manager);
  const host = manager.host === 'desktop' ? 'Desktop app' : 'Headless';
  return (
    <FormGroup title="About">
      <div className="py-2">
        <Facts
          facts={[
            { label: 'Version', value: manager.version },
            { label: 'Mode', value: `${host} (pid ${manager.pid})` },
            ...(manager.url ? [{ label: 'Address', value: manager.url }] : []),
          ]}
        />
      </div>
    </FormGroup>
  );
}
