import type { Dialect } from '@shared/gateway/record';
import type { Refusal } from '../conversation/refusal';
import type { WrittenRefusal } from '../conversation/speaker';
import { anthropicRefusal } from '../dialects/anthropic';
import { openaiRefusal } from '../dialects/chat/refusal';

/** How a dialect says no. */
export function refuserOf(dialect: Dialect): (refusal: Refusal) => WrittenRefusal {
  return dialect === 'anthropic' ? anthropicRefusal : openaiRefusal;
}
