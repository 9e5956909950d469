import { FormGroup, FormRow } from '@renderer/components/Form';
import { HubAccount, useAccount } from '@renderer/domain/hub/HubAccount';

const USUAL = 'https://huggingface.co';

/** Where models come from, and as whom. */
export function HubGroup() {
  const endpoint = useAccount().data?.endpoint;
  return (
    <FormGroup title="Hugging Face">
      {endpoint !== undefined && endpoint !== USUAL && (
        <FormRow label="Address" hint="Set by HF_ENDPOINT">
          <span className="selectable truncate font-mono text-[12px]" title={endpoint}>
            {endpoint}
          </span>
        </FormRow>
      )}
      <HubAccount />
    </FormGroup>
  );
}
