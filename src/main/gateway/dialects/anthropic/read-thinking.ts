/** How much a request wants the model to think, from `thinking` and `output_config.effort`. */
import type { Thinking } from '../../conversation/conversation';
import { clipped, isGiven, type Note, readNumber, readObject, readString } from './fields';

/** Efforts as the dialect has them; the two above `high` are no more than it here. */
const EFFORTS: ReadonlyMap<string, Thinking> = new Map([
  ['low', 'low'],
  ['medium', 'medium'],
  ['high', 'high'],
  ['xhigh', 'high'],
  ['max', 'high'],
]);

/**
 * Budgets in tokens up to which a level reaches. Programs that know levels only send 1,024, 2,048 and 4,096 for low,
 * medium and high (LiteLLM's defaults); 1,024 is the least that the dialect allows.
 */
const LOW_BUDGET = 1024;
const MEDIUM_BUDGET = 4095;

/** `off` where thinking is disabled, else the effort where one is named, else what a budget comes to. */
export function readOwnThinking(value: unknown, effort: unknown, note: Note): Thinking | undefined {
  const level = readEffort(effort, note);
  if (!isGiven(value)) return level;
  const thinking = readObject(value, 'thinking');
  const type = readString(thinking.type, 'thinking.type');
  switch (type) {
    case 'disabled':
      return 'off';
    case 'enabled':
      return level ?? readBudget(thinking.budget_tokens);
    case 'adaptive':
      return level;
    default:
      note(`thinking.type ${clipped(type)} (not known)`);
      return level;
  }
}

/** A new level appears every few months: one that is not known leaves it to the model, and the record names it. */
function readEffort(value: unknown, note: Note): Thinking | undefined {
  if (!isGiven(value)) return undefined;
  const effort = readString(value, 'output_config.effort');
  const level = EFFORTS.get(effort);
  if (level === undefined) note(`output_config.effort ${clipped(effort)} (not known)`);
  return level;
}

function readBudget(value: unknown): Thinking {
  const budget = readNumber(value, 'thinking.budget_tokens', { min: 0, isWhole: true });
  if (budget <= LOW_BUDGET) return 'low';
  return budget <= MEDIUM_BUDGET ? 'medium' : 'high';
}
