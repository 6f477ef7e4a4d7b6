/**
 * A bounded set of strings that forgets the oldest: two generations, the older one dropped when the younger is full
 * or `keepMs` old. Remembers each entry for at least half the bound or `keepMs`, whichever ends first.
 */
export class RecentSet {
  private young = new Set<string>();
  private old = new Set<string>();
  private turnedAt = 0;
  private readonly generationMax: number;
  private readonly keepMs: number;

  constructor(entriesMax: number, keepMs: number) {
    this.generationMax = Math.max(1, entriesMax >> 1);
    this.keepMs = keepMs;
  }

  get size(): number {
    return this.young.size + this.old.size;
  }

  has(entry: string): boolean {
    return this.young.has(entry) || this.old.has(entry);
  }

  delete(entry: string): void {
    this.young.delete(entry);
    this.old.delete(entry);
  }

  add(entry: string, now: number): void {
    if (this.young.size >= this.generationMax || now - this.turnedAt >= this.keepMs) {
      this.old = now - this.turnedAt >= 2 * this.keepMs ? new Set() : this.young;
      this.young = new Set();
      this.turnedAt = now;
    }
    this.young.add(entry);
  }
}
