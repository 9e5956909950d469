import { NumberField } from '@renderer/components/Field';
import { FormGroup } from '@renderer/components/Form';
import { Segmented } from '@renderer/components/Segmented';
import type { ServerProfile } from '@shared/domain/profile';
import { FIELD_DEFAULTS, PROFILE_FIELDS } from '@shared/domain/profile-fields';
import { asNumber, type PartProps, ProfileRow, typed } from './ProfileRow';

const START_LABELS: Readonly<Record<ServerProfile['start'], string>> = {
  manual: 'Manual',
  app: 'With the app',
};
const RESTART_LABELS: Readonly<Record<ServerProfile['restart'], string>> = {
  always: 'Always',
  'on-failure': 'On failure',
  never: 'Never',
};

const STARTS = PROFILE_FIELDS.start.choices.map((value) => ({ value, label: START_LABELS[value] }));
const RESTARTS = PROFILE_FIELDS.restart.choices.map((value) => ({
  value,
  label: RESTART_LABELS[value],
}));

/** When the server starts, and what happens when it fails. */
export function RunningGroup({ draft, set, problem }: PartProps) {
  return (
    <FormGroup title="Running">
      <ProfileRow field="start" problem={problem('start')}>
        <Segmented value={draft.start} options={STARTS} onChange={(start) => set({ start })} />
      </ProfileRow>
      <ProfileRow field="restart" problem={problem('restart')}>
        <Segmented
          value={draft.restart}
          options={RESTARTS}
          onChange={(restart) => set({ restart })}
        />
      </ProfileRow>
      <ProfileRow
        field="loadDeadlineSeconds"
        hint={`Gives up if the model hasn’t loaded by then. Default ${FIELD_DEFAULTS.loadDeadlineSeconds} s.`}
        problem={problem('loadDeadlineSeconds')}
      >
        <NumberField
          unit={PROFILE_FIELDS.loadDeadlineSeconds.unit}
          value={asNumber(draft.loadDeadlineSeconds)}
          onChange={(value, text) => set({ loadDeadlineSeconds: typed(value, text) })}
        />
      </ProfileRow>
      <ProfileRow
        field="hangLimitSeconds"
        hint={`Restarts the server when it stops responding for this long. Default ${FIELD_DEFAULTS.hangLimitSeconds} s.`}
        problem={problem('hangLimitSeconds')}
      >
        <NumberField
          unit={PROFILE_FIELDS.hangLimitSeconds.unit}
          value={asNumber(draft.hangLimitSeconds)}
          onChange={(value, text) => set({ hangLimitSeconds: typed(value, text) })}
        />
      </ProfileRow>
    </FormGroup>
  );
}
