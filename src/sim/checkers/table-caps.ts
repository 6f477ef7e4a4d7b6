/** The limits on what a node holds, checked exactly after every change of its table. */

import type { Held, TableLimits } from '../../core/store/record-table.ts';
import { RECORD_OVERHEAD_BYTES } from '../../core/store/record-table.ts';
import type { SimNode } from '../sim-node.ts';
import type { Simulation } from '../simulator.ts';
import type { Finding } from './finding.ts';

/** What one node holds, kept apart from its own table by what it says it keeps. */
class Sums {
  readonly held = new Map<string, Held>();
  bytes = 0;
  readonly accounts = new Map<string, number>();
  readonly links = new Map<string, number>();

  set(slot: string, next: Held | undefined): void {
    const before = this.held.get(slot);
    if (before !== undefined) this.#count(before, -1);
    if (next === undefined) this.held.delete(slot);
    else {
      this.held.set(slot, next);
      this.#count(next, 1);
    }
  }

  #count({ record, account, via }: Held, sign: 1 | -1): void {
    const bytes = sign * (record.bytes.length + RECORD_OVERHEAD_BYTES);
    this.bytes += bytes;
    this.accounts.set(account, (this.accounts.get(account) ?? 0) + bytes);
    this.links.set(via, (this.links.get(via) ?? 0) + bytes);
  }
}

export class TableCaps {
  /** The most that any node ever held. */
  recordsMax = 0;
  bytesMax = 0;
  accountBytesMax = 0;
  linkBytesMax = 0;
  readonly #sums = new Map<SimNode, Sums>();
  readonly #simulation: Simulation;
  readonly #limits: TableLimits;

  constructor(simulation: Simulation, limits: TableLimits) {
    this.#simulation = simulation;
    this.#limits = limits;
    simulation.onPersist = (node, slot, held) => {
      let sums = this.#sums.get(node);
      if (sums === undefined) this.#sums.set(node, (sums = new Sums()));
      sums.set(slot, held);
      if (held === undefined) return;
      this.recordsMax = Math.max(this.recordsMax, sums.held.size);
      this.bytesMax = Math.max(this.bytesMax, sums.bytes);
      this.accountBytesMax = Math.max(this.accountBytesMax, sums.accounts.get(held.account)!);
      this.linkBytesMax = Math.max(this.linkBytesMax, sums.links.get(held.via)!);
    };
  }

  /** Nodes that hold as many records, or within a record's length as many bytes, as they may. */
  fullNodes(): number {
    const { recordsMax } = this.#limits;
    return [...this.#sums.values()].filter(({ held }) => held.size >= recordsMax).length;
  }

  /** Limits that were ever broken, and tables that are not what their nodes said they keep. */
  findings(): Finding[] {
    const { now: at } = this.#simulation;
    const limits = this.#limits;
    const found: Finding[] = [];
    for (const name of ['recordsMax', 'bytesMax', 'accountBytesMax', 'linkBytesMax'] as const)
      if (this[name] > limits[name])
        found.push({
          family: 'safety',
          at,
          sentence: `${name} reached ${this[name]}, above ${limits[name]}`,
        });
    for (const node of this.#simulation.liveNodes()) {
      const kept = this.#sums.get(node)?.held ?? new Map<string, Held>();
      const held = node.core?.held() ?? [];
      const isSame = held.length === kept.size && held.every(({ record }) => kept.has(record.slot));
      if (!isSame) {
        const sentence = `node ${node.index} holds ${held.length} records and keeps ${kept.size}`;
        found.push({ family: 'safety', at, sentence });
      }
    }
    return found;
  }
}
