import { CodeBlock } from '@renderer/components/CodeBlock';
import { CopyButton } from '@renderer/components/CopyButton';
import { ErrorBlock, errorSentence } from '@renderer/components/ErrorBlock';
import { Facts } from '@renderer/components/Facts';
import { Section } from '@renderer/components/Pane';
import { useRpcQuery } from '@renderer/queries/use-rpc';
import { commandLines } from '@renderer/text/command-text';
import type { LaunchCommand } from '@shared/contract';
import { isSecretName } from '@shared/domain/secret';

function Environment({ command }: { readonly command: LaunchCommand }) {
  const entries = Object.entries(command.env);
  if (entries.length === 0) return <p className="text-text-2">No variables added.</p>;
  return (
    <>
      <CodeBlock label="Environment">
        {entries.map(([name, value]) => `${name}=${value}`).join('\n')}
      </CodeBlock>
      {entries.some(([name]) => isSecretName(name)) && (
        <p className="mt-1.5 text-caption text-text-3">Secrets are masked here and in the copy.</p>
      )}
    </>
  );
}

/** Exactly what is run for this profile. */
export function CommandTab({ profileId }: { readonly profileId: string }) {
  const command = useRpcQuery('profiles.command', { profileId });
  if (command.error) return <ErrorBlock sentence={errorSentence(command.error)} />;
  if (!command.data) return null;
  const { data } = command;
  return (
    <div>
      <Section
        first
        title="Command"
        right={<CopyButton labelled text={data.shell} label="Copy as shell line" />}
      >
        <CodeBlock label="Command">{commandLines(data.argv)}</CodeBlock>
      </Section>
      <Section title="Environment" right="in addition to MLX Manager's environment">
        <Environment command={data} />
      </Section>
      <Section title="Folder">
        <Facts
          facts={[
            {
              label: 'Working folder',
              value: <code className="font-mono text-small">{data.cwd}</code>,
            },
          ]}
        />
      </Section>
      <Section
        title="As a service"
        right={
          data.launchd !== null && (
            <CopyButton labelled text={data.launchd} label="Copy launchd plist" />
          )
        }
      >
        <p className="text-text-2">
          {data.launchdProblem ??
            'The same command as a property list, so that launchd can run it without MLX Manager.'}
        </p>
      </Section>
    </div>
  );
}
