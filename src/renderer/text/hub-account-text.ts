import type { HubAccount } from '@shared/domain/hub';

/** Where a token is kept, as a person would say it. */
export function placeOf(place: HubAccount['place'], isMac: boolean): string {
  if (place === 'file') return 'a file that only you can read';
  return isMac ? 'the keychain' : 'the system’s keyring';
}

/** `user mara, kept in the keychain`, or what is wrong with it. */
export function accountSentence(account: HubAccount, isMac: boolean): string {
  const { token, place, user, problem } = account;
  if (problem !== undefined) return problem;
  if (token === 'none') return 'None. Public models work without one.';
  const who = user === undefined ? 'Set' : `User ${user}`;
  const where = token === 'environment' ? 'from HF_TOKEN' : `stored in ${placeOf(place, isMac)}`;
  return `${who}, ${where}`;
}

/** Why the token cannot be changed here; undefined where it can. */
export function fixedBecause({ token }: HubAccount): string | undefined {
  return token === 'environment'
    ? 'Set by HF_TOKEN in the environment. Change it there.'
    : undefined;
}

/** `huggingface.co` of an address. */
export function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : url;
}
