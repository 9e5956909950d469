import { useMemo } from 'react';

import { Button } from '@renderer/components/Button';
import { Field, NumberField } from '@renderer/components/Field';
import { FormGroup } from '@renderer/components/Form';
import { SearchSelect } from '@renderer/components/SearchSelect';
import { useRpcQuery } from '@renderer/queries/use-rpc';
import { modelName } from '@renderer/text/server-text';
import { chosenModel, modelChoices } from './choices';
import { EngineRow } from './EngineRow';
import { asNumber, type PartProps, ProfileRow, typed } from './ProfileRow';
import { messageOf } from './use-check';

/** What is served, by what, and where. */
export function ProfileGroup(props: PartProps) {
  const { draft, set, problem } = props;
  return (
    <FormGroup title="Profile">
      <ProfileRow field="name" problem={problem('name')}>
        <Field value={draft.name} onChange={(name) => set({ name })} maxLength={200} />
      </ProfileRow>
      <ModelRow {...props} />
      <EngineRow draft={draft} set={set} problem={problem('installation') ?? problem('engine')} />
      <PortRow {...props} />
    </FormGroup>
  );
}

function ModelRow({ draft, set, problem, check }: PartProps) {
  const models = useRpcQuery('models.list', {});
  const isCustom = draft.engine === 'custom';
  const options = useMemo(
    () => modelChoices(models.data ?? [], draft.model, isCustom),
    [models.data, draft.model, isCustom],
  );
  return (
    <ProfileRow
      field="model"
      problem={problem('model')}
      warning={messageOf(check.warnings, 'model')}
    >
      <SearchSelect
        value={draft.model}
        options={options}
        shown={chosenModel(models.data, draft.model)}
        placeholder="Choose a model"
        listLabel="Models"
        width="w-80"
        onChange={(model) => set(draft.name === '' ? { model, name: modelName(model) } : { model })}
      />
    </ProfileRow>
  );
}

function PortRow({ draft, set, problem, check }: PartProps) {
  const message = problem('port');
  const next = useRpcQuery(
    'profiles.nextPort',
    {},
    { enabled: message !== undefined, fresh: true },
  );
  const port = next.data?.port;
  return (
    <ProfileRow
      field="port"
      problem={message}
      warning={messageOf(check.warnings, 'port')}
      fix={
        message !== undefined && port !== undefined ? (
          <Button size="small" onClick={() => set({ port })}>
            Use {port}
          </Button>
        ) : undefined
      }
    >
      <NumberField
        value={asNumber(draft.port)}
        onChange={(value, text) => set({ port: typed(value, text) })}
      />
    </ProfileRow>
  );
}
