/** Numbers as text: durations, bytes, ages, clock times. One unit per column, unknown is a dash. Pure. */

/** Stands for "not known" in every column. */
export const UNKNOWN = '–';

/** Milliseconds without a unit, for a column headed "ms": one decimal below 10, whole numbers above. */
export function formatMs(ms: number | undefined): string {
  if (ms === undefined || !Number.isFinite(ms)) return UNKNOWN;
  return ms < 9.95 ? ms.toFixed(1) : group(Math.round(ms));
}

/** Bytes in the largest unit that leaves a number of at least one: `812 B`, `1.4 kB`, `3.2 MB`. */
export function formatBytes(bytes: number | undefined): string {
  if (bytes === undefined || !Number.isFinite(bytes)) return UNKNOWN;
  if (bytes < 1000) return `${Math.round(bytes)} B`;
  const units = ['kB', 'MB', 'GB', 'TB'];
  let value = bytes / 1000;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${value < 9.95 ? value.toFixed(1) : group(Math.round(value))} ${units[unit] ?? ''}`;
}

/** How long ago, coarse: `now` below a second, then s, min, h, d. */
export function formatAge(ms: number | undefined): string {
  if (ms === undefined || !Number.isFinite(ms)) return UNKNOWN;
  const seconds = Math.floor(ms / 1000);
  if (seconds < 1) return 'now';
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86_400)} d`;
}

/** Local wall-clock time with milliseconds: `14:03:07.042`. `at` is in ms since the epoch. */
export function formatClock(at: number): string {
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return UNKNOWN;
  const ms = String(date.getMilliseconds()).padStart(3, '0');
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${ms}`;
}

/** A rate: one decimal below ten, otherwise whole. */
export function formatRate(perSecond: number): string {
  if (!Number.isFinite(perSecond) || perSecond <= 0) return '0';
  return perSecond < 9.95 ? trimZero(perSecond.toFixed(1)) : group(Math.round(perSecond));
}

/** Digits in groups of three, the same in every locale. */
export function group(value: number): string {
  return String(value).replaceAll(/\B(?=(\d{3})+(?!\d))/g, ',');
}

/** `1 hop`, `2 hops`: the number with its noun. */
export function plural(count: number, noun: string): string {
  return `${group(count)} ${noun}${count === 1 ? '' : 's'}`;
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}

function trimZero(text: string): string {
  return text.endsWith('.0') ? text.slice(0, -2) : text;
}
