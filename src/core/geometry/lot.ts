/** Lots drawn without a random source: the same pair of nodes always draws the same. */

/**
 * A number that seems random but always is the same for one pair. Nodes that know the same contacts then choose
 * different ones: by age or distance all would crowd onto a few, or close up in small circles.
 */
export function lotOf(own: number, other: number): number {
  let x = Math.imul(own ^ 0x9e3779b9, 0x85ebca6b) ^ other;
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d);
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
  return (x ^ (x >>> 16)) >>> 0;
}
