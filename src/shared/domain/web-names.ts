import { z } from 'zod';

/**
 * An origin as a browser sends it: small letters, no path, no usual port. Programs that are pages inside have
 * schemes of their own, such as `vscode-file://vscode-app`. Any origin, none, and files have none that means one page.
 */
const ORIGIN =
  /^(?!file:)[a-z][a-z0-9+.-]{0,31}:\/\/[a-z0-9._-]{1,253}(?::[1-9]\d{0,4})?$|^(?!file:)[a-z][a-z0-9+.-]{0,31}:\/\/\[[0-9a-f:.]{2,45}\](?::[1-9]\d{0,4})?$/;

export const WebOrigin = z
  .string({ error: 'must be text' })
  .max(300, 'must have at most 300 characters')
  .regex(ORIGIN, 'must be one exact origin without a path, such as https://chat.example.com')
  .refine((origin) => !hasUsualPort(origin), {
    error: "must leave out the scheme's usual port (80 for http, 443 for https), as browsers do",
  });

/** A name or address as a Host header has it: small letters, perhaps a port. */
const HOST = /^(?:[a-z0-9](?:[a-z0-9._-]{0,251}[a-z0-9])?|\[[0-9a-f:.]{2,45}\])(?::[1-9]\d{0,4})?$/;

export const HostName = z
  .string({ error: 'must be text' })
  .max(300, 'must have at most 300 characters')
  .transform((host) => host.toLowerCase())
  .refine((host) => HOST.test(host), {
    error: 'must be a host name, with a port or without one, such as mac.local or mac.local:443',
  });

function hasUsualPort(origin: string): boolean {
  return /^http:.*:80$|^https:.*:443$/.test(origin);
}
