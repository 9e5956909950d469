// Runs in the thread that counts: no path aliases, since Node itself strips the types of the sources of a thread.
import { Interpreter, parse, tokenize } from '@huggingface/jinja';

type Evaluate = Interpreter['evaluate'];
type Statement = NonNullable<Parameters<Evaluate>[0]>;

/** Parts of a template that are looked at for one prompt; a long conversation with tools takes some hundred thousand. */
const MOST_STEPS = 20_000_000;
/** Letters of a text that a template may make; the longest prompts have some million. */
const LARGEST = 32 << 20;
/** An entry of a list or of a mapping counts as so many letters. */
const ENTRY = 32;
/** Letters of all that it makes on the way: the most that it could keep. */
const MOST_IN_ALL = 512 << 20;

/**
 * Runs a stranger's template with an end to what it makes. A thread that runs out of memory in small steps is ended by
 * itself, but one large step takes the whole program with it
 * (https://nodejs.org/docs/latest-v24.x/api/worker_threads.html, `resourceLimits`): so no step may be large.
 */
export class BoundedInterpreter extends Interpreter {
  #steps = 0;
  #made = 0;

  /** @throws Error where a bound is passed. */
  override evaluate(...[statement, environment]: Parameters<Evaluate>): ReturnType<Evaluate> {
    this.#steps++;
    if (this.#steps > MOST_STEPS) throw new Error('it runs too long');
    const result = this.#evaluate(statement, environment);
    const size = sizeOf(result.value);
    if (size > LARGEST) throw new Error('its output is too long');
    // What a name stands for is no new thing.
    const isMade = statement?.type !== 'Identifier' && statement?.type !== 'MemberExpression';
    if (isMade) this.#made += size;
    if (this.#made > MOST_IN_ALL) throw new Error('its output is too long');
    return result;
  }

  /** As Python does it: the library writes booleans in JavaScript's letters, which are other tokens. */
  #evaluate(...[statement, environment]: Parameters<Evaluate>): ReturnType<Evaluate> {
    if (statement !== undefined && isStringFilter(statement)) {
      const { value } = this.evaluate(statement.operand, environment);
      if (typeof value === 'boolean') return super.evaluate(LITERALS[`${value}`], environment);
    }
    const result = super.evaluate(statement, environment);
    if (typeof result.value === 'boolean') {
      const text = result.value ? 'True' : 'False';
      result.toString = () => text;
    }
    return result;
  }
}

const LITERALS = {
  true: parse(tokenize("{{ 'True' }}")).body[0],
  false: parse(tokenize("{{ 'False' }}")).body[0],
} as const;

/** `operand | string` */
function isStringFilter(
  statement: Statement,
): statement is Statement & { readonly operand: Statement } {
  return (
    statement.type === 'FilterExpression' &&
    'operand' in statement &&
    'filter' in statement &&
    typeof statement.filter === 'object' &&
    statement.filter !== null &&
    'value' in statement.filter &&
    statement.filter.value === 'string'
  );
}

function sizeOf(value: unknown): number {
  if (typeof value === 'string') return value.length;
  if (Array.isArray(value)) return value.length * ENTRY;
  return value instanceof Map ? value.size * ENTRY : 0;
}
