/** What people call the place that models come from; a mirror goes by its address. */
export function siteName(host: string): string {
  return host === 'huggingface.co' ? 'Hugging Face' : host;
}
