import { Field, NumberField } from '@renderer/components/Field';
import { FormGroup } from '@renderer/components/Form';
import { Segmented } from '@renderer/components/Segmented';
import { Switch } from '@renderer/components/Switch';
import type { ServerProfile } from '@shared/domain/profile';
import { FIELD_DEFAULTS, PROFILE_FIELDS } from '@shared/domain/profile-fields';
import { asNumber, type PartProps, ProfileRow, typed } from './ProfileRow';

const START_LABELS: Readonly<Record<ServerProfile['start'], string>> = {
  manual: 'Manual',
  app: 'With the app',
  request: 'On request',
};
const START_HINTS: Readonly<Record<ServerProfile['start'], string>> = {
  manual: 'Only when you start it.',
  app: 'When MLX Manager opens.',
  request: 'When a request asks for it.',
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

/** When the server starts and is unloaded, under which names it is asked for, and what happens when it fails. */
export function RunningGroup({ draft, set, problem }: PartProps) {
  return (
    <FormGroup title="Running">
      <ProfileRow field="start" hint={START_HINTS[draft.start]} problem={problem('start')}>
        <Segmented value={draft.start} options={STARTS} onChange={(start) => set({ start })} />
      </ProfileRow>
      <ProfileRow
        field="aliases"
        hint="Other names under which apps can ask for it, separated by commas."
        problem={problem('aliases')}
      >
        <Field value={draft.aliases} onChange={(aliases) => set({ aliases })} />
      </ProfileRow>
      <ProfileRow
        field="ttlSeconds"
        hint="Frees its memory when no request came for this long. 0: never."
        problem={problem('ttlSeconds')}
      >
        <NumberField
          unit={PROFILE_FIELDS.ttlSeconds.unit}
          value={asNumber(draft.ttlSeconds)}
          onChange={(value, text) => set({ ttlSeconds: typed(value, text) })}
        />
      </ProfileRow>
      <ProfileRow
        field="pinned"
        hint="The gateway never unloads it to make room for another model."
        problem={problem('pinned')}
      >
        <Switch checked={draft.pinned} onChange={(pinned) => set({ pinned })} />
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
        hint={`Gives up if the model hasn't loaded by then. Default ${FIELD_DEFAULTS.loadDeadlineSeconds} s.`}
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
