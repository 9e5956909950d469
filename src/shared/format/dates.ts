/** When something was, in local time. */
import { formatWholeMinutes } from './durations';

/** Made when it is first wanted. */
let format: Intl.DateTimeFormat | undefined;

/** `Nov 21`, as an American English system writes it. */
function dayMonth(date: Date): string {
  format ??= new Intl.DateTimeFormat('en-US', { day: 'numeric', month: 'short' });
  return format.format(date);
}

/** `10:54`, with seconds `10:54:07`. */
export function formatClock(time: string | number | Date, seconds = false): string {
  const date = new Date(time);
  const parts = [date.getHours(), date.getMinutes(), ...(seconds ? [date.getSeconds()] : [])];
  return parts.map((part) => String(part).padStart(2, '0')).join(':');
}

/** `14:02:51.206`, as log lines show it. */
export function formatLogTime(time: string): string {
  const date = new Date(time);
  return `${formatClock(date, true)}.${String(date.getMilliseconds()).padStart(3, '0')}`;
}

/** `Today 10:54`, `Yesterday 18:02`, `Nov 21, 08:47`. */
export function formatDay(time: string | Date, now: Date = new Date()): string {
  const date = new Date(time);
  const clock = formatClock(date);
  switch (daysAgo(date, now)) {
    case 0:
      return `Today ${clock}`;
    case 1:
      return `Yesterday ${clock}`;
    default:
      return `${dayMonth(date)}, ${clock}`;
  }
}

/** `Nov 21`, with the year when it is another one: `Nov 21, 2025`. */
export function formatDate(time: string | Date, now: Date = new Date()): string {
  const date = new Date(time);
  const year = date.getFullYear() === now.getFullYear() ? '' : `, ${date.getFullYear()}`;
  return `${dayMonth(date)}${year}`;
}

/** `just now`, `3 min ago`. @param now ms. */
export function formatAgo(time: string, now: number): string {
  const seconds = (now - new Date(time).getTime()) / 1000;
  return seconds < 5 ? 'just now' : `${formatWholeMinutes(seconds)} ago`;
}

/** 0 on the day of `now` (or later), 1 on the day before, else 2. */
export function daysAgo(date: Date, now: Date): 0 | 1 | 2 {
  const midnight = new Date(now.getFullYear(), now.getMonth(), now.getDate());
  if (date >= midnight) return 0;
  // By the calendar: a day may have 23 or 25 hours.
  return date >= new Date(now.getFullYear(), now.getMonth(), now.getDate() - 1) ? 1 : 2;
}
