/** Small statistics for the output. Percentages are rounded down, so that 100 means all. */

/** `part` of `whole` in percent with three decimals, rounded down; `null` of nothing. */
export function percentDown(part: number, whole: number): number | null {
  return whole === 0 ? null : Math.floor((100_000 * part) / whole) / 1_000;
}

/** The mean with three decimals; `null` of nothing. */
export function meanOf(values: readonly number[]): number | null {
  if (values.length === 0) return null;
  return rounded(values.reduce((sum, value) => sum + value, 0) / values.length);
}

/** The largest value; `null` of nothing. */
export function maxOf(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((max, value) => Math.max(max, value), -Infinity);
}

/** The value that a share of all values does not exceed (nearest rank); `null` of nothing. */
export function percentile(values: readonly number[], share: number): number | null {
  if (values.length === 0) return null;
  const sorted = Float64Array.from(values).sort();
  return rounded(sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]!);
}

/** Three decimals. */
export function rounded(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}
