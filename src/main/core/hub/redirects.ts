import net from 'node:net';

import { DomainError } from '@shared/errors';

import type { HubEndpoint } from './endpoint';
import { isPublicAddress } from './public-address';

/** Redirects of one request; the hub needs two. */
export const MAX_REDIRECTS = 6;

/**
 * Checks an address before anything is sent to it: https to the internet, except what an endpoint that
 * a person named says.
 * @throws DomainError `unauthorised` naming the host.
 */
export function checkAddress(url: URL, endpoint: HubEndpoint): void {
  const refuse = (why: string): never => {
    throw new DomainError('unauthorised', `Nothing was downloaded from ${url.host}: ${why}.`);
  };
  if (!/^https?:$/.test(url.protocol)) refuse(`${url.protocol} can't be used to download a file`);
  if (endpoint.isExplicit) return;
  if (url.protocol !== 'https:') refuse('its connection would not be encrypted');
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (net.isIP(host) !== 0 && !isPublicAddress(host)) refuse('it is not on the internet');
  if (host === 'localhost' || host.endsWith('.localhost')) refuse('it is this machine');
}

/** Where a redirect leads. */
export function nextRedirect(from: URL, location: string | undefined, endpoint: HubEndpoint): URL {
  if (location === undefined || !URL.canParse(location, from)) {
    throw new DomainError('offline', `${from.host} redirects to nowhere ("${location ?? ''}").`);
  }
  const next = new URL(location, from);
  checkAddress(next, endpoint);
  return next;
}

/** The token is for the hub alone: never for the host that it redirects to. */
export function mayHaveToken(url: URL, endpoint: HubEndpoint): boolean {
  return url.origin === endpoint.origin;
}
