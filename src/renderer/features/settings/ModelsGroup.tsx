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
          hint="Models that no server has used for this long are marked unused. 1 to 3650."
          unit="days"
        />
      </FormGroup>
    </>
  );
}
