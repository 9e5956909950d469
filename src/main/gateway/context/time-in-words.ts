const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const MONTHS = [
  ...['January', 'February', 'March', 'April', 'May', 'June', 'July'],
  ...['August', 'September', 'October', 'November', 'December'],
];

/** Python's `strftime` as chat templates use it, in the C locale as in an engine's process, whatever this machine's is. */
export function timeInWords(time: Date, format: string): string {
  const two = (number: number): string => String(number).padStart(2, '0');
  const day = DAYS[time.getDay()] ?? '';
  const month = MONTHS[time.getMonth()] ?? '';
  const dayOfYear =
    Math.round((startOfDay(time) - startOfDay(new Date(time.getFullYear(), 0, 1))) / DAY_MS) + 1;
  const words: Readonly<Record<string, string>> = {
    Y: String(time.getFullYear()),
    y: two(time.getFullYear() % 100),
    m: two(time.getMonth() + 1),
    B: month,
    b: month.slice(0, 3),
    d: two(time.getDate()),
    e: String(time.getDate()).padStart(2, ' '),
    j: String(dayOfYear).padStart(3, '0'),
    A: day,
    a: day.slice(0, 3),
    H: two(time.getHours()),
    I: two(time.getHours() % 12 || 12),
    M: two(time.getMinutes()),
    S: two(time.getSeconds()),
    p: time.getHours() < 12 ? 'AM' : 'PM',
    '%': '%',
  };
  return format.replace(/%(-?)([A-Za-z%])/g, (whole, bare: string, letter: string) => {
    const word = words[letter];
    if (word === undefined) return whole;
    return bare === '-' ? word.replace(/^[0 ]+(?=.)/, '') : word;
  });
}

const DAY_MS = 86_400_000;

const startOfDay = (time: Date): number =>
  Date.UTC(time.getFullYear(), time.getMonth(), time.getDate());
