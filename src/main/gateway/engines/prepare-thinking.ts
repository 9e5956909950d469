/** How much a model is to think, in the fields of its engine and by what its template knows. */
import type { Conversation, Thinking } from '../conversation/conversation';
import type { Quirks } from '../conversation/quirks';
import type { TemplateFacts } from './template-facts';

/** Fields of the body that say it; none where the client did not say, or the template knows no such thing. */
export function thinkingFields(
  { thinking, extra }: Conversation,
  quirks: Quirks,
  template: TemplateFacts,
  changes: string[],
): Readonly<Record<string, unknown>> {
  if (thinking === undefined) return {};
  if (quirks.thinking === 'effort')
    return { reasoning_effort: thinking === 'off' ? 'none' : thinking };
  const values = templateArguments(thinking, template, changes);
  if (Object.keys(values).length === 0) return {};
  if (quirks.thinking === 'fields') {
    const { thinking: switched, ...rest } = values;
    // The engine's own switch reaches the template under the name that the template has for it.
    return switched === undefined ? rest : { ...rest, enable_thinking: switched };
  }
  return { chat_template_kwargs: { ...objectOf(extra.chat_template_kwargs), ...values } };
}

function templateArguments(
  thinking: Thinking,
  template: TemplateFacts,
  changes: string[],
): Readonly<Record<string, unknown>> {
  // A template that could not be read gets the argument that most know; others leave it alone.
  const name = template.isKnown ? template.thinkingSwitch : 'enable_thinking';
  const switched = name === undefined ? {} : { [name]: thinking !== 'off' };
  if (template.effort) {
    const effort = effortOf(thinking);
    // A template with a switch needs no effort where it is off.
    if (thinking === 'off' && name !== undefined) return switched;
    if (effort !== thinking) changes.push(`thinking ${thinking} became ${effort}`);
    return { ...switched, reasoning_effort: effort };
  }
  if (name === undefined)
    changes.push(`thinking ${thinking} (the model's template has no such setting)`);
  else if (thinking !== 'off' && thinking !== 'medium')
    changes.push(`thinking ${thinking} became on (the model's template knows on and off)`);
  return switched;
}

/** Templates and engines know these three. */
function effortOf(thinking: Thinking): 'low' | 'medium' | 'high' {
  return thinking === 'off' || thinking === 'minimal' ? 'low' : thinking;
}

function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : {};
}
