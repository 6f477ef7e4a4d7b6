/** Drops the oldest entries of a map beyond `max`. */
export function trimMap(map: Map<string, unknown>, max: number): void {
  for (const oldest of map.keys()) {
    if (map.size <= max) return;
    map.delete(oldest);
  }
}
