/** What the reader chose and the page remembers: theme, rows of the log, height of the log. Lost storage is no trouble. */

export type Theme = 'system' | 'light' | 'dark';

/** Rows the log keeps unless told otherwise. */
export const ROWS_MAX_DEFAULT = 20_000;
/** The choices for the number of rows. */
export const ROWS_MAX_CHOICES: readonly number[] = [1_000, 5_000, 20_000];

const PREFIX = 'hopline.';

/** The remembered theme, `system` when there is none. */
export function readTheme(): Theme {
  const value = read('theme');
  return value === 'light' || value === 'dark' ? value : 'system';
}

/** Remembers the theme and shows it at once. */
export function applyTheme(theme: Theme): void {
  write('theme', theme);
  if (theme === 'system') document.documentElement.removeAttribute('data-theme');
  else document.documentElement.setAttribute('data-theme', theme);
}

/** System, then light, then dark, then system again. */
export function nextTheme(theme: Theme): Theme {
  if (theme === 'system') return 'light';
  return theme === 'light' ? 'dark' : 'system';
}

/** The remembered number of log rows, one of the choices. */
export function readRowsMax(): number {
  const value = Number(read('log-rows'));
  return ROWS_MAX_CHOICES.includes(value) ? value : ROWS_MAX_DEFAULT;
}

export function writeRowsMax(rowsMax: number): void {
  write('log-rows', String(rowsMax));
}

/** The remembered height of the log, px; `undefined` leaves it to the layout. */
export function readLogHeightPx(): number | undefined {
  const value = Number(read('log-height') ?? Number.NaN);
  return Number.isFinite(value) && value >= 80 && value <= 4_000 ? value : undefined;
}

export function writeLogHeightPx(heightPx: number): void {
  write('log-height', String(Math.round(heightPx)));
}

/** Storage can be forbidden altogether (some private windows): reading then gives nothing. */
function read(name: string): string | undefined {
  try {
    return localStorage.getItem(PREFIX + name) ?? undefined;
  } catch {
    return undefined;
  }
}

function write(name: string, value: string): void {
  try {
    localStorage.setItem(PREFIX + name, value);
  } catch {
    // Forbidden or full: the choice holds until the page is closed.
  }
}
