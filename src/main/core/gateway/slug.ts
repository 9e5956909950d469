/** A name as programs type it: `Qwen3 8B (fast)` is `qwen3-8b-fast`. Empty where nothing of it can be typed. */
export function slugOf(name: string): string {
  return name
    .normalize('NFKD')
    .replace(/\p{Mark}/gu, '')
    .toLowerCase()
    .replace(/[^\p{Letter}\p{Number}.]+/gu, '-')
    .replace(/^[-.]+|[-.]+$/g, '');
}
