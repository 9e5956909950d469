import { Section } from '@renderer/components/Pane';
import { AdviceItems } from '@renderer/domain/engines/AdviceItems';
import { useRpcQuery } from '@renderer/queries/use-rpc';

/** What is known of the engine and this combination; it only informs. */
export function AdviceList({ profileId }: { readonly profileId: string }) {
  const advice = useRpcQuery('profiles.advice', { profileId }, { fresh: true });
  if (!advice.data || advice.data.length === 0) return null;
  return (
    <Section title="Good to know">
      <AdviceItems advice={advice.data} />
    </Section>
  );
}
