import { useEffect, useRef } from 'react';

import { classNames } from '@renderer/components/class-names';
import { ErrorBlock, errorSentence } from '@renderer/components/ErrorBlock';
import { FormGroup } from '@renderer/components/Form';
import { useIsLocal, useLive } from '@renderer/live/use-live';
import { useRpcQuery } from '@renderer/queries/use-rpc';
import type { OptionValue } from '@shared/domain/profile';
import { CommandPreview } from './CommandPreview';
import { CustomGroup } from './CustomGroup';
import type { ProfileDraft } from './draft';
import { DraftMemory } from './DraftMemory';
import { AdvancedOptions, CommonOptions, type EngineOptionsProps } from './EngineOptions';
import { EnvironmentPart } from './EnvironmentPart';
import { MachinesPart } from './MachinesPart';
import { OtherMessages } from './OtherMessages';
import { ParserNotes } from './ParserNotes';
import { ProfileGroup } from './ProfileGroup';
import type { PartProps } from './ProfileRow';
import { RunningGroup } from './RunningGroup';
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
  // The kept answer is that of the previous engine; one that is not installed has no options yet.
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

/**
 * Memory and command. Beside the form where there is room, else above it: in view however far the form is scrolled. A
 * low window has no room to keep them there.
 */
const ASIDE = classNames(
  '-mx-1 flex min-w-0 flex-col gap-3 border-b border-sep bg-bg px-1 pb-3',
  '@max-[700px]:[@media(height<640px)]:contents',
  '[@media(height>=640px)]:sticky [@media(height>=640px)]:top-[var(--form-strip-top,0px)] [@media(height>=640px)]:z-[5]',
  '@[700px]:sticky @[700px]:top-[var(--form-top,0px)] @[700px]:z-auto @[700px]:col-start-2 @[700px]:row-start-1 @[700px]:max-h-[calc(100vh-200px)] @[700px]:gap-6 @[700px]:self-start @[700px]:overflow-y-auto @[700px]:border-0',
);

/** All of a profile in groups, each problem at its field, with its memory and its command beside. */
export function ProfileForm(props: ProfileFormProps) {
  const { draft, onChange, check, untouched, field, profileId } = props;
  const local = useIsLocal();
  const options = useOptions(draft);
  const form = useShownField(field, options.isSuccess || !field?.startsWith('options.'));
  const set = (changes: Partial<ProfileDraft>) => onChange({ ...draft, ...changes });
  const problem = (name: string) =>
    untouched?.has(name) ? undefined : messageOf(check.problems, name);
  const part: PartProps = { draft, set, check, problem };
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
      <div className="grid gap-6 @[700px]:grid-cols-[minmax(0,640px)_228px]">
        <div className={ASIDE}>
          <div className="min-w-0 shrink-0">
            <DraftMemory draft={draft} profileId={profileId} onOption={setOption} />
          </div>
          <div className="min-w-0 shrink-0 @max-[700px]:[@media(height<640px)]:order-last">
            <CommandPreview draft={draft} profileId={profileId} />
          </div>
        </div>
        <div
          ref={form}
          className="flex min-w-0 flex-col gap-5 [@media(height>=640px)]:[&_:is(input,select,textarea,button)]:scroll-mt-56 @[700px]:[&_:is(input,select,textarea,button)]:scroll-mt-14 @[700px]:col-start-1 @[700px]:row-start-1"
        >
          <OtherMessages check={check} rows={rows} />
          <ProfileGroup {...part} />
          <CustomGroup draft={draft} set={set} problem={problem} local={local} />
          <CommonOptions {...engine} />
          <ParserNotes draft={draft} onOption={setOption} />
          {options.error && <ErrorBlock sentence={errorSentence(options.error)} />}
          <RunningGroup {...part} />
          <FormGroup>
            <AdvancedOptions {...engine} />
            <MachinesPart
              draft={draft}
              set={set}
              problems={check.problems}
              local={local}
              profileId={profileId}
            />
            <EnvironmentPart {...part} field={field} />
          </FormGroup>
        </div>
      </div>
    </div>
  );
}
