/**
 * Where a link of a card may lead: https alone, without a name or password that disguises the host.
 * Relative ones mean the model's own files. Undefined for everything else: then it is only text.
 * @param page the model's page on the hub.
 */
export function cardAddress(href: string | undefined, page: string): string | undefined {
  if (href === undefined || href.startsWith('#')) return undefined;
  const base = `${page}/blob/main/`;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: exactly these hide what an address is
  if (/[\u0000-\u001f\u007f]/.test(href) || !URL.canParse(href, base)) return undefined;
  const url = new URL(href, base);
  const isPlain = url.protocol === 'https:' && url.username === '' && url.password === '';
  return isPlain ? url.href : undefined;
}
