/** How long something takes or took. */
import { formatNumber } from './counts';

/** `208 ms`, from a second on `1.48 s`, from ten on `12.3 s`. */
export function formatMilliseconds(ms: number): string {
  if (ms < 1000) return `${formatNumber(ms)} ms`;
  return `${(ms / 1000).toFixed(ms < 10_000 ? 2 : 1)} s`;
}

/** `14 s`, `1 min 5 s` below ten minutes only, `48 min`, `3 h 12 min`, `2 d 4 h`. */
export function formatDuration(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const minutes = Math.floor(whole / 60);
  const hours = Math.floor(minutes / 60);
  if (whole < 60) return `${whole} s`;
  if (minutes < 10) return whole % 60 === 0 ? `${minutes} min` : `${minutes} min ${whole % 60} s`;
  if (hours < 1) return `${minutes} min`;
  if (hours < 24) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
  const days = Math.floor(hours / 24);
  return hours % 24 === 0 ? `${days} d` : `${days} d ${hours % 24} h`;
}

/** The same, but `1.9 s` below ten seconds: for work that may be that short. */
export function formatShortDuration(seconds: number): string {
  return seconds < 9.95 ? `${seconds.toFixed(1)} s` : formatDuration(seconds);
}

/** The same in whole minutes from the first on, for what goes on for so long that seconds say nothing. */
export function formatWholeMinutes(seconds: number): string {
  return formatDuration(seconds < 60 ? seconds : Math.floor(seconds / 60) * 60);
}
