import { type ReactNode, useEffect, useRef, useState } from 'react';

import { Button } from '@renderer/components/Button';
import { Disclosure } from '@renderer/components/Disclosure';
import { ErrorBlock, errorSentence } from '@renderer/components/ErrorBlock';
import { Field, NumberField, TextArea } from '@renderer/components/Field';
import { FormGroup, FormRow } from '@renderer/components/Form';
import { Segmented } from '@renderer/components/Segmented';
import { Select } from '@renderer/components/Select';
import { useIsLocal, useLive } from '@renderer/live/use-live';
import { useRpcQuery } from '@renderer/queries/use-rpc';
import { modelName } from '@renderer/text/server-text';
import type { OptionValue } from '@shared/domain/profile';
import { formatCount } from '@shared/format/counts';
import { modelChoices } from './choices';
import { CommandPreview } from './CommandPreview';
import { CustomGroup } from './CustomGroup';
import type { ProfileDraft } from './draft';
import { DraftMemory } from './DraftMemory';
import { AdvancedOptions, CommonOptions, type EngineOptionsProps } from './EngineOptions';
import { EngineRow } from './EngineRow';
import { MachinesPart } from './MachinesPart';
import { ONLY_LOCAL } from './OptionRow';
import { ParserNotes } from './ParserNotes';
import { type Check, messageOf } from './use-check';

interface ProfileFormProps {
  readonly draft: ProfileDraft;
  readonly onChange: (draft: ProfileDraft) => void;
  readonly profileId: string | undefined;
  readonly check: Check;
  /** Fields whose problems are not shown yet, because nobody has touched them. */
  readonly untouched?: ReadonlySet<string>;
  readonly field: string | undefined;
}

interface GroupProps extends ProfileFormProps {
  readonly set: (changes: Partial<ProfileDraft>) => void;
  readonly problem: (field: string) => string | undefined;
}

const asNumber = (value: number | string | undefined) =>
  typeof value === 'number' ? value : undefined;

function PortRow({ draft, set, problem, check }: GroupProps) {
  const message = problem('port');
  const next = useRpcQuery(
    'profiles.nextPort',
    {},
    { enabled: message !== undefined, fresh: true },
  );
  const port = next.data?.port;
  return (
    <FormRow
      label="Port"
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
        onChange={(value, text) => set({ port: value ?? (text.trim() === '' ? undefined : text) })}
      />
    </FormRow>
  );
}

function ModelRow({ draft, set, problem, check }: GroupProps) {
  const models = useRpcQuery('models.list', {});
  return (
    <FormRow
      label="Model"
      field="model"
      problem={problem('model')}
      warning={messageOf(check.warnings, 'model')}
    >
      <Select
        value={draft.model}
        options={modelChoices(models.data ?? [], draft.model, draft.engine === 'custom')}
        onChange={(model) => set(draft.name === '' ? { model, name: modelName(model) } : { model })}
      />
    </FormRow>
  );
}

function ProfileGroup(props: GroupProps) {
  const { draft, set, problem } = props;
  return (
    <FormGroup title="Profile">
      <FormRow label="Name" field="name" problem={problem('name')}>
        <Field value={draft.name} onChange={(name) => set({ name })} maxLength={200} />
      </FormRow>
      <ModelRow {...props} />
      <EngineRow draft={draft} set={set} problem={problem('installation') ?? problem('engine')} />
      <PortRow {...props} />
    </FormGroup>
  );
}

const STARTS = [
  { value: 'manual', label: 'Manual' },
  { value: 'app', label: 'With the app' },
] as const;
const RESTARTS = [
  { value: 'always', label: 'Always' },
  { value: 'on-failure', label: 'On failure' },
  { value: 'never', label: 'Never' },
] as const;

function RunningGroup({ draft, set, problem }: GroupProps) {
  const typed = (value: number | undefined, text: string) =>
    value ?? (text.trim() === '' ? undefined : text);
  return (
    <FormGroup title="Running">
      <FormRow label="Start" field="start" problem={problem('start')}>
        <Segmented value={draft.start} options={STARTS} onChange={(start) => set({ start })} />
      </FormRow>
      <FormRow label="Restart" field="restart" problem={problem('restart')}>
        <Segmented
          value={draft.restart}
          options={RESTARTS}
          onChange={(restart) => set({ restart })}
        />
      </FormRow>
      <FormRow
        label="Time to load"
        hint="After this it has failed. Default 600 s."
        field="loadDeadlineSeconds"
        problem={problem('loadDeadlineSeconds')}
      >
        <NumberField
          unit="s"
          value={asNumber(draft.loadDeadlineSeconds)}
          onChange={(value, text) => set({ loadDeadlineSeconds: typed(value, text) })}
        />
      </FormRow>
      <FormRow
        label="Limit without progress"
        hint="After this it is degraded and restarted. Default 60 s."
        field="hangLimitSeconds"
        problem={problem('hangLimitSeconds')}
      >
        <NumberField
          unit="s"
          value={asNumber(draft.hangLimitSeconds)}
          onChange={(value, text) => set({ hangLimitSeconds: typed(value, text) })}
        />
      </FormRow>
    </FormGroup>
  );
}

const count = (text: string) => text.split('\n').filter((line) => line.trim() !== '').length;

function environmentSummary(draft: ProfileDraft): string {
  const parts = [
    count(draft.env) > 0 ? formatCount(count(draft.env), 'variable') : '',
    count(draft.extraArgs) > 0 ? formatCount(count(draft.extraArgs), 'argument') : '',
    draft.host === '127.0.0.1' ? '' : draft.host,
  ].filter(Boolean);
  return parts.join(', ') || 'None';
}

/** Problems of a map or list are named by their entry, e.g. `env.TOKEN`. */
function within(problem: GroupProps['problem'], check: Check, field: string) {
  const inside = check.problems.find((one) => one.field.startsWith(`${field}.`));
  return problem(field) ?? inside?.message;
}

function EnvironmentPart({ draft, set, problem, check, field }: GroupProps) {
  const local = useIsLocal();
  const wanted = ['env', 'extraArgs', 'host'].includes(field ?? '');
  const problems = ['env', 'extraArgs', 'host'].map((one) => within(problem, check, one));
  const [open, setOpen] = useState(wanted);
  const hint = (text: string) => (local ? text : ONLY_LOCAL);
  return (
    <Disclosure
      title="Environment, extra arguments and host"
      summary={environmentSummary(draft)}
      open={open || problems.some(Boolean)}
      onOpenChange={setOpen}
    >
      <FormRow
        stacked
        label="Environment"
        hint={hint('One NAME=value a line.')}
        field="env"
        problem={problems[0]}
      >
        <TextArea value={draft.env} disabled={!local} onChange={(env) => set({ env })} />
      </FormRow>
      <FormRow
        stacked
        label="Extra arguments"
        hint={hint(
          draft.engine === 'custom'
            ? 'One argument a line; {port}, {host} and {model} are filled in.'
            : 'One argument a line, passed as typed after all options.',
        )}
        field="extraArgs"
        problem={problems[1]}
      >
        <TextArea
          value={draft.extraArgs}
          disabled={!local}
          onChange={(extraArgs) => set({ extraArgs })}
        />
      </FormRow>
      <FormRow
        label="Host"
        hint={hint('127.0.0.1 keeps it on this machine.')}
        field="host"
        problem={problems[2]}
      >
        <Field mono value={draft.host} disabled={!local} onChange={(host) => set({ host })} />
      </FormRow>
    </Disclosure>
  );
}

function useOptions(draft: ProfileDraft) {
  const inUse = useLive(
    (data) => data.installations.find((one) => one.engine === draft.engine && one.inUse)?.id,
  );
  const installationId = draft.installation ?? inUse;
  const answer = useRpcQuery(
    'engines.options',
    { installationId: installationId ?? '' },
    { enabled: installationId !== undefined, keep: true },
  );
  // What is kept belongs to the engine before: one that is not installed has no options yet.
  return installationId === undefined ? { ...answer, data: undefined } : answer;
}

/** Scrolls to the field that an address names and puts the cursor into it. */
function useShownField(field: string | undefined, ready: boolean) {
  const form = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!field || !ready) return;
    const frame = requestAnimationFrame(() => {
      const row = form.current?.querySelector(`[data-field="${CSS.escape(field)}"]`);
      row?.scrollIntoView({ block: 'center' });
      row?.querySelector<HTMLElement>('input, select, textarea, button')?.focus();
    });
    return () => cancelAnimationFrame(frame);
  }, [field, ready]);
  return form;
}

const KNOWN = ['name', 'model', 'engine', 'installation', 'port', 'start', 'restart'];
const KNOWN_TIMES = ['loadDeadlineSeconds', 'hangLimitSeconds'];
const KNOWN_LOCAL = /^(?:env|extraArgs|host|cluster|custom)(?:\.|$)/;

/** What the manager said that has no row to stand in. */
function OtherMessages({
  check,
  rows,
}: {
  readonly check: Check;
  readonly rows: readonly string[];
}) {
  const known = new Set([...KNOWN, ...KNOWN_TIMES, ...rows]);
  const others = check.problems.filter(
    ({ field }) => !known.has(field) && !KNOWN_LOCAL.test(field),
  );
  const warnings = check.warnings.filter(({ field }) => field !== 'port' && field !== 'model');
  const blocks: ReactNode[] = [
    ...others.map((one) => <ErrorBlock key={one.message} sentence={one.message} />),
    ...warnings.map((one) => (
      <ErrorBlock key={one.message} tone="warning" sentence={one.message} />
    )),
  ];
  if (check.error) blocks.push(<ErrorBlock key="check" sentence={errorSentence(check.error)} />);
  return <div className="flex flex-col gap-3 empty:hidden">{blocks}</div>;
}

/** All of a profile in groups, each problem at its field, with its memory and its command beside. */
export function ProfileForm(props: ProfileFormProps) {
  const { draft, onChange, check, untouched, field, profileId } = props;
  const local = useIsLocal();
  const options = useOptions(draft);
  const form = useShownField(field, options.isSuccess || !field?.startsWith('options.'));
  const set = (changes: Partial<ProfileDraft>) => onChange({ ...draft, ...changes });
  const problem = (name: string) =>
    untouched?.has(name) ? undefined : messageOf(check.problems, name);
  const group: GroupProps = { ...props, set, problem };
  const setOption = (key: string, value: OptionValue | undefined) => {
    const rest = Object.entries(draft.options).filter(([other]) => other !== key);
    set({ options: Object.fromEntries(value === undefined ? rest : [...rest, [key, value]]) });
  };
  const engine: EngineOptionsProps = {
    options: options.data ?? [],
    draft,
    problems: check.problems,
    local,
    field,
    onOption: setOption,
  };
  const rows = engine.options.filter((one) => !one.reserved).map((one) => `options.${one.key}`);
  return (
    <div className="@container">
      <div className="grid gap-6 @[700px]:grid-cols-[minmax(0,640px)_228px] @[700px]:grid-rows-[auto_1fr]">
        <div className="min-w-0 @[700px]:col-start-2">
          <DraftMemory draft={draft} profileId={profileId} onOption={setOption} />
        </div>
        <div
          ref={form}
          className="flex min-w-0 flex-col gap-5 @[700px]:col-start-1 @[700px]:row-span-2 @[700px]:row-start-1"
        >
          <OtherMessages check={check} rows={rows} />
          <ProfileGroup {...group} />
          <CustomGroup draft={draft} set={set} problem={problem} local={local} />
          <CommonOptions {...engine} />
          <ParserNotes draft={draft} onOption={setOption} />
          {options.error && <ErrorBlock sentence={errorSentence(options.error)} />}
          <RunningGroup {...group} />
          <FormGroup>
            <AdvancedOptions {...engine} />
            <MachinesPart
              draft={draft}
              set={set}
              problems={check.problems}
              local={local}
              profileId={profileId}
            />
            <EnvironmentPart {...group} />
          </FormGroup>
        </div>
        <CommandPreview draft={draft} profileId={profileId} />
      </div>
    </div>
  );
}
