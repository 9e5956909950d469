import type { Target } from '@shared/gateway/target';

/** The profile of this name: its own name first, then an alias; capitals do not matter where no other is meant. */
export function findTarget(targets: readonly Target[], name: string): Target | undefined {
  const exact = targets.find((target) => target.name === name);
  if (exact) return exact;
  const alias = targets.find(({ aliases }) => aliases.includes(name));
  if (alias) return alias;
  const lower = name.trim().toLowerCase();
  const near = targets.filter(({ name: own, aliases }) =>
    [own, ...aliases].some((one) => one.toLowerCase() === lower),
  );
  return near.length === 1 ? near[0] : undefined;
}

/** Names that a sentence lists at most. */
const LISTED = 20;

/** What is said of a name that nothing has: with what exists, so that it can be put right at once. */
export function unknownName(targets: readonly Target[], name: string): string {
  const asked =
    name === ''
      ? 'The request names no model.'
      : `There is no model ${JSON.stringify(name.slice(0, 200))}.`;
  if (targets.length === 0) return `${asked} No profile exists yet. Create one in MLX Manager.`;
  const names = targets.slice(0, LISTED).map((target) => target.name);
  const more = targets.length - names.length;
  return `${asked} Models: ${names.join(', ')}${more > 0 ? ` and ${more} more` : ''}.`;
}
