import type { Dialect } from '@shared/gateway/record';
import type { Refusal } from '../conversation/refusal';
import type { WrittenRefusal } from '../conversation/speaker';
import { anthropicRefusal } from '../dialects/anthropic';
import { openaiRefusal } from '../dialects/chat/refusal';

/** How a dialect says no: its own shape, and with it the headers that belong to the refusal in every dialect. */
export function refuserOf(dialect: Dialect): (refusal: Refusal) => WrittenRefusal {
  const write = dialect === 'anthropic' ? refuseAnthropic : openaiRefusal;
  return (refusal) => {
    const { status, headers, body } = write(refusal);
    return { status, headers: { ...headers, ...refusal.headers }, body };
  };
}

function refuseAnthropic(refusal: Refusal): WrittenRefusal {
  const { status, headers, body } = anthropicRefusal(refusal);
  return {
    status,
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  };
}
