/** Numbers of things. */

/** Made when it is first wanted: that takes as long as a short command may take to start. */
let integer: Intl.NumberFormat | undefined;

/** `16,384`. */
export function formatNumber(value: number): string {
  integer ??= new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });
  return integer.format(value);
}

/** `1 field`, `2 fields`. */
export function formatCount(count: number, one: string, many = `${one}s`): string {
  return `${formatNumber(count)} ${count === 1 ? one : many}`;
}

/** `30.5 B`, `596 M`, `1.2 M`, `684 K`: parameters, downloads and other large counts in few characters. */
export function formatLargeCount(count: number): string {
  if (count >= 999.5e6) return `${(count / 1e9).toFixed(1)} B`;
  if (count >= 9.95e6) return `${formatNumber(count / 1e6)} M`;
  if (count >= 999.5e3) return `${(count / 1e6).toFixed(1)} M`;
  return count >= 1e3 ? `${formatNumber(count / 1e3)} K` : formatNumber(count);
}

/** `41K`, as people speak of a context length. */
export function formatContext(tokens: number): string {
  return tokens < 1000 ? formatNumber(tokens) : `${Math.round(tokens / 1000)}K`;
}

/** `63 %` of a fraction from 0 to 1; never 100 % before the end. */
export function formatPercent(fraction: number): string {
  return `${Math.floor(fraction * 100)} %`;
}

/** `143 %`: CPU time of a process tree, where 100 % is one core. */
export function formatCpu(percent: number): string {
  return `${Math.round(percent)} %`;
}

/** `82.4 tok/s`: how fast an answer comes. */
export function formatTokenSpeed(tokensPerSecond: number): string {
  return `${tokensPerSecond.toFixed(1)} tok/s`;
}
