import { Section } from '@renderer/components/Pane';
import { AdviceItems } from '@renderer/domain/engines/AdviceItems';
import { useRpcQuery } from '@renderer/queries/use-rpc';
import type { InstallableId } from '@shared/domain/profile';

interface VersionAdviceProps {
  readonly engine: InstallableId;
  readonly version: string;
  readonly title: string;
}

/** What is known of a version; it only informs. */
export function VersionAdvice({ engine, version, title }: VersionAdviceProps) {
  const advice = useRpcQuery('engines.advice', { engine, version });
  if (!advice.data || advice.data.length === 0) return null;
  return (
    <Section title={title}>
      <AdviceItems advice={advice.data} />
    </Section>
  );
}
