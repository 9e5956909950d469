/** Hosts that the desktop application sends the system's browser to; without zod, for the screens. */
export const EXTERNAL_HOSTS: readonly string[] = ['github.com', 'huggingface.co'];

/** Whether the system's browser may be sent there: https, an exact host, and nothing that disguises it. */
export function isAllowedExternalLink(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, host, username, password } = new URL(text);
  return (
    protocol === 'https:' && EXTERNAL_HOSTS.includes(host) && username === '' && password === ''
  );
}
