/** Numbers as visual.md writes them: one style for each unit, everywhere. */

const GIB = 1024 ** 3;
const GB = 1e9;
const integer = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

/** Memory: `6.1 GiB`. Below 0.1 GiB in MiB, so that small processes are not zero. */
export function formatMemory(bytes: number): string {
  if (bytes > 0 && bytes < GIB / 10) return `${integer.format(bytes / 1024 ** 2)} MiB`;
  return `${formatGib(bytes)} GiB`;
}

/** Memory as a bare number of GiB with one decimal. */
export function formatGib(bytes: number): string {
  return (bytes / GIB).toFixed(1);
}

/** Disk and download sizes: `4.6 GB`, `168 MB`, `400 KB`. */
export function formatDisk(bytes: number): string {
  if (bytes >= GB) return `${(bytes / GB).toFixed(1)} GB`;
  if (bytes >= 1e6 && bytes < 1e7) return `${(bytes / 1e6).toFixed(1)} MB`;
  if (bytes >= 1e6) return `${integer.format(bytes / 1e6)} MB`;
  if (bytes >= 1e3) return `${integer.format(bytes / 1e3)} KB`;
  return `${integer.format(bytes)} bytes`;
}

/** `4.7 of 7.5 GB`, `900 MB of 7.5 GB`. */
export function formatDiskOf(bytes: number, total: number): string {
  const [some, all] = [bytes === 0 ? '0' : formatDisk(bytes), formatDisk(total)];
  const [number, unit] = some.split(' ');
  return unit !== undefined && all.endsWith(` ${unit}`)
    ? `${number} of ${all}`
    : `${some} of ${all}`;
}

/** `208 ms`, from a second on `1.48 s`. */
export function formatMilliseconds(ms: number): string {
  if (ms < 1000) return `${integer.format(ms)} ms`;
  return `${(ms / 1000).toFixed(ms < 10_000 ? 2 : 1)} s`;
}

/** `14 s`, `48 min 5 s` below ten minutes only, `3 h 12 min`, `2 d 4 h`. */
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

/** `63 %` of a fraction from 0 to 1. */
export function formatPercent(fraction: number): string {
  return `${Math.floor(fraction * 100)} %`;
}

/** `16,384`. */
export function formatNumber(value: number): string {
  return integer.format(value);
}

/** `1 field`, `2 fields`. */
export function formatCount(count: number, one: string, many = `${one}s`): string {
  return `${integer.format(count)} ${count === 1 ? one : many}`;
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

const dayMonth = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });

/** `Today 10:54`, `Yesterday 18:02`, `21 Nov 08:47`. */
export function formatDay(time: string | Date, now: Date = new Date()): string {
  const date = new Date(time);
  const midnight = new Date(now.getFullYear(), now.getMonth(), now.getDate()).getTime();
  const clock = formatClock(date);
  if (date.getTime() >= midnight) return `Today ${clock}`;
  if (date.getTime() >= midnight - 86_400_000) return `Yesterday ${clock}`;
  return `${dayMonth.format(date)} ${clock}`;
}

/** `just now`, `3 min ago`. */
export function formatAgo(time: string, now: number): string {
  const seconds = (now - new Date(time).getTime()) / 1000;
  if (seconds < 5) return 'just now';
  const coarse = seconds < 60 ? seconds : Math.floor(seconds / 60) * 60;
  return `${formatDuration(coarse)} ago`;
}

/** `21 Nov`, with the year when it is another one. */
export function formatDate(time: string | Date, now: Date = new Date()): string {
  const date = new Date(time);
  const year = date.getFullYear() === now.getFullYear() ? '' : ` ${date.getFullYear()}`;
  return `${dayMonth.format(date)}${year}`;
}
