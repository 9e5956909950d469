import { useState } from 'react';

import { useClient } from '@renderer/api/api-context';
import { ErrorBlock, errorSentence } from '@renderer/components/ErrorBlock';
import { FormRow } from '@renderer/components/Form';
import { Select } from '@renderer/components/Select';
import { useIsLocal, useLive } from '@renderer/live/use-live';
import { routeHref } from '@renderer/routing/route';
import type { ServerProfile } from '@shared/domain/profile';
import { chosenEngine, engineChoice, engineChoices } from './choices';
import type { ProfileDraft } from './draft';

interface EngineRowProps {
  readonly draft: ProfileDraft;
  readonly set: (changes: Partial<ProfileDraft>) => void;
  readonly problem: string | undefined;
}

interface Lost {
  readonly key: string;
  readonly reason: string;
}

/** The engine and its version. Another engine takes over the options that it has; the rest is said. */
export function EngineRow({ draft, set, problem }: EngineRowProps) {
  const client = useClient();
  const local = useIsLocal();
  const installations = useLive((data) => data.installations);
  const [lost, setLost] = useState<readonly Lost[]>([]);
  const [failed, setFailed] = useState<string>();
  const change = async (value: string): Promise<void> => {
    const { engine, installation } = chosenEngine(value);
    if (engine === draft.engine) return set({ installation });
    setFailed(undefined);
    try {
      const carried = await carriedOptions(client, engine, draft.options);
      setLost(carried.lost);
      set({ engine, installation, options: carried.options, ...leftBehind(engine, draft) });
    } catch (error) {
      setFailed(errorSentence(error));
    }
  };
  const isInstalled =
    draft.engine === 'custom' || installations.some((one) => one.engine === draft.engine);
  return (
    <>
      <FormRow
        label="Engine"
        field="installation"
        problem={problem}
        hint={
          isInstalled ? undefined : (
            <a className="text-accent-text" href={routeHref('engines', [draft.engine])}>
              {`Install ${draft.engine}`}
            </a>
          )
        }
      >
        <Select
          value={engineChoice(draft)}
          options={engineChoices(installations, draft, local)}
          onChange={(value) => void change(value)}
        />
      </FormRow>
      {failed && <ErrorBlock className="my-2" sentence={failed} />}
      {lost.length > 0 && (
        <div role="status" className="py-2 text-small text-text-2">
          <p>Left out because this engine doesn't support it:</p>
          <ul className="list-disc pl-5">
            {lost.map(({ key, reason }) => (
              <li key={key}>{reason}</li>
            ))}
          </ul>
        </div>
      )}
    </>
  );
}

/** A custom command has no options of ours, so all of them stay behind. */
async function carriedOptions(
  client: ReturnType<typeof useClient>,
  engine: ServerProfile['engine'],
  options: ProfileDraft['options'],
): Promise<{ options: ProfileDraft['options']; lost: readonly Lost[] }> {
  if (engine !== 'custom') return client.call('engines.carryOver', { engine, options });
  const lost = Object.keys(options).map((key) => ({
    key,
    reason: `Custom commands have no option ${key}.`,
  }));
  return { options: {}, lost };
}

/** What belongs to one engine alone and would keep another from being saved. */
function leftBehind(
  engine: ServerProfile['engine'],
  draft: ProfileDraft,
): Partial<Pick<ProfileDraft, 'custom' | 'cluster'>> {
  return {
    custom:
      engine === 'custom'
        ? (draft.custom ?? { command: '', readinessPath: '/health', chat: true })
        : null,
    cluster: engine === 'mlx-lm' ? draft.cluster : null,
  };
}
