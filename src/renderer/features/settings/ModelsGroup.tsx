import { FormGroup } from '@renderer/components/Form';
import { FolderGroup } from './FolderGroup';
import { NumberSetting } from './NumberSetting';

/** Where models lie, and when one counts as unused. */
export function ModelsGroup() {
  return (
    <>
      <FolderGroup />
      <FormGroup className="mt-3">
        <NumberSetting
          name="unusedDays"
          hint="1 to 3650; Models marks what nothing has run for so long"
          unit="days"
        />
      </FormGroup>
    </>
  );
}
