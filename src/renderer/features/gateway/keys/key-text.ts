import { dayInText } from '@renderer/text/gateway-text';
import type { GatewayKey } from '@shared/domain/gateway';
import { formatCount, formatLargeCount } from '@shared/format/counts';
import { formatDate } from '@shared/format/dates';

/** `1.2 M`, `1.2 M of 5.0 M`: tokens that a key has used, of those that it may use. */
export function tokensOf({ tokensUsed, tokenQuota }: GatewayKey): string {
  const used = formatLargeCount(tokensUsed);
  return tokenQuota === undefined ? used : `${used} of ${formatLargeCount(tokenQuota)}`;
}

/** Until when a key opens something. @param now ms. */
export function expiryOf({ expiresAt }: GatewayKey, now: number): string {
  if (expiresAt === undefined) return 'Never';
  return Date.parse(expiresAt) <= now ? 'Expired' : formatDate(expiresAt, new Date(now));
}

/** Why a key opens nothing any more; undefined while it does. */
export function spentReason(key: GatewayKey, now: number): string | undefined {
  if (key.expiresAt !== undefined && Date.parse(key.expiresAt) <= now) return 'Expired';
  return key.tokenQuota !== undefined && key.tokensUsed >= key.tokenQuota
    ? 'Quota used up'
    : undefined;
}

/** Which profiles a key may use, by their names; a deleted one is said to be so. */
export function profilesOf(
  { profileIds }: GatewayKey,
  profiles: readonly { readonly id: string; readonly name: string }[],
): string {
  if (profileIds === null) return 'All profiles';
  return profileIds
    .map((id) => profiles.find((profile) => profile.id === id)?.name ?? 'a deleted profile')
    .join(', ');
}

/** What stops working when a key is revoked. @param isLast no other key exists. */
export function revokeText({ lastUsedAt, tokensUsed }: GatewayKey, isLast = false): string {
  const used =
    lastUsedAt === undefined
      ? 'No request has used it.'
      : `It was last used ${dayInText(lastUsedAt)}, for ${formatCount(tokensUsed, 'token')} in all.`;
  return isLast
    ? `${used} It is the last key: unless a key is required in Settings, every program on this machine can then use the gateway, with this key or without one.`
    : `${used} Programs with this key are refused from now on; requests under way are still answered.`;
}
