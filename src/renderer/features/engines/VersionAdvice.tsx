import type { InstallableId } from '@shared/domain/profile';
import { AdviceItems } from '../../components/AdviceItems';
import { Section } from '../../components/Pane';
import { useAsk } from '../../queries/use-ask';

interface VersionAdviceProps {
  readonly engine: InstallableId;
  readonly version: string;
  readonly title: string;
}

/** What is known of a version; it only informs. */
export function VersionAdvice({ engine, version, title }: VersionAdviceProps) {
  const advice = useAsk('engines.advice', { engine, version });
  if (!advice.data || advice.data.length === 0) return null;
  return (
    <Section title={title}>
      <AdviceItems advice={advice.data} />
    </Section>
  );
}
