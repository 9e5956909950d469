/** Hours in which a limit counts, as two times of the day. */
export interface Hours {
  readonly from: string;
  readonly to: string;
}

/** What is offered when someone wants hours for the first time. */
export const FIRST_HOURS: Hours = { from: '08:00', to: '18:00' };

/** `19:00-23:00` as two times; undefined where there are none, which is always. */
export function hoursOf(setting: string): Hours | undefined {
  const [from, to] = setting.split('-');
  return from && to ? { from, to } : undefined;
}

/** A time as people type it (`7`, `7:30`, `0730`) as `07:30`; undefined where it is none. */
export function timeOf(text: string): string | undefined {
  const found = /^(\d{1,2})(?:[:.]?(\d{2}))?$/.exec(text.trim());
  const [hour, minute] = [Number(found?.[1]), Number(found?.[2] ?? 0)];
  if (!found || hour > 23 || minute > 59) return undefined;
  return `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`;
}

/** What the hours mean, as a sentence. */
export function hoursSentence(hours: Hours | undefined): string {
  if (!hours || hours.from === hours.to) return 'The limit applies all day';
  const until = hours.from < hours.to ? hours.to : `${hours.to} the next day`;
  return `From ${hours.from} to ${until}, with no limit at other times`;
}
