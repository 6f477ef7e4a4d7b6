/**
 * Goal: a node holds what it should and never more than it may. Method: single cases, a flood, and a plain model that
 * sorts and sums everything at each step.
 */

import { sha256 } from '@noble/hashes/sha2.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sign } from '../../test-support/keys.ts';
import { caseCount, testSeed } from '../../test-support/seeded-random.ts';
import { ChordGeometry } from '../geometry/chord/chord.ts';
import { asNodeId, mapKey, sameId, type NodeId } from '../id/node-id.ts';
import { compareXor } from '../id/xor.ts';
import {
  decodeRecord,
  encodeRecord,
  immutableRecord,
  recordSignedBytes,
  type StoreRecord,
} from './record.ts';
import {
  RECORD_OVERHEAD_BYTES,
  RecordTable,
  TABLE_LIMITS,
  type Held,
  type Role,
  type TableLimits,
} from './record-table.ts';

const SEED = testSeed(1_848);
const SELF = asNodeId(new Uint8Array(32));
const ports = { hash: (bytes: Uint8Array): Uint8Array => sha256(bytes) };
const byXor = (a: NodeId, b: NodeId): number => compareXor(SELF, a, b);
const bytesOf = ({ record }: Held): number => record.bytes.length + RECORD_OVERHEAD_BYTES;

/** A key whose distance from the own id grows with its first byte. */
function keyAt(distance: number): NodeId {
  const key = new Uint8Array(32);
  key[0] = distance;
  return asNodeId(key);
}

interface RecordFields {
  readonly at?: number;
  readonly by?: number;
  readonly sequence?: number;
  readonly valueBytes?: number;
  readonly fill?: number;
  readonly forgotten?: boolean;
}

/** A shared record of publisher number `by`; its bytes without the value are always the same number. */
function recordOf(fields: RecordFields = {}): StoreRecord {
  const { at = 1, by = 1, sequence = 1, valueBytes = 0, fill = 0, forgotten = false } = fields;
  const publisher = sha256(Uint8Array.of(by));
  const value = new Uint8Array(valueBytes).fill(fill);
  const more = { publisher, sequence, lifeMs: 1000, forgotten, value };
  const text = recordSignedBytes({ kind: 'shared', key: keyAt(at), ...more });
  const record = decodeRecord(encodeRecord(text, sign(publisher, text)), ports);
  if (typeof record === 'string') throw new Error(record);
  return record;
}

function heldOf(fields: RecordFields & Partial<Held> = {}): Held {
  const record = fields.record ?? recordOf(fields);
  const { role = 'replica', expiresAt = 1000, storedAt = 0, refreshedAt = storedAt, via = 'link' } = fields;
  const { account = mapKey(record.publisher) } = fields;
  return { record, role, expiresAt, publishedAt: 0, storedAt, refreshedAt, account, via };
}

const UNIT = bytesOf(heldOf());
const ROOMY = { recordsMax: 100, bytesMax: 1e6, accountBytesMax: 1e6, linkBytesMax: 1e6 };

function tableOf(limits: Partial<TableLimits> = {}): RecordTable {
  return new RecordTable({ ...ROOMY, ...limits }, byXor);
}

/** The distances of what is held, sorted. */
const distances = (table: RecordTable): number[] =>
  [...table.values()].map(({ record }) => record.key[0]!).sort((a, b) => a - b);

describe('one slot', () => {
  test('[RT1] a higher sequence replaces, a lower one and another record of the same one are stale', () => {
    const table = tableOf();
    const second = heldOf({ sequence: 2 });
    expect(table.put(second, 0)).toEqual({ outcome: 'stored', current: second, evicted: [] });
    for (const sequence of [1, 2])
      expect(table.put(heldOf({ sequence, valueBytes: 1 }), 0)).toEqual({
        outcome: 'stale',
        current: second,
        evicted: [],
      });
    const third = heldOf({ sequence: 3, valueBytes: 1 });
    expect(table.put(third, 0)).toEqual({ outcome: 'stored', current: third, evicted: [] });
    expect([table.size, table.bytes, table.get(third.record.slot)]).toEqual([1, bytesOf(third), third]);
  });

  test('[RT1] an older value does not undo a tombstone, a newer one does', () => {
    const table = tableOf();
    const outcomes = [
      heldOf({ sequence: 1, valueBytes: 9 }),
      heldOf({ sequence: 2, forgotten: true }),
      heldOf({ sequence: 1, valueBytes: 9 }),
      heldOf({ sequence: 2, valueBytes: 9 }),
      heldOf({ sequence: 3, valueBytes: 9 }),
    ].map((held) => table.put(held, 0).outcome);
    expect(outcomes).toEqual(['stored', 'stored', 'stale', 'stale', 'stored']);
  });

  test('[RT2] a refresh keeps the better role, the later end, and where the record came from', () => {
    const table = tableOf();
    const first = heldOf({ role: 'cache', expiresAt: 500 });
    const { slot } = first.record;
    table.put(first, 0);
    const again = (role: Role, expiresAt: number, now: number): Held => {
      const held = heldOf({ role, expiresAt, storedAt: now, via: 'other', account: 'other' });
      const { outcome, current } = table.put(held, now);
      expect([outcome, current]).toEqual(['refreshed', table.get(slot)]);
      return current!;
    };
    expect(again('replica', 400, 1)).toEqual({ ...first, role: 'replica', refreshedAt: 1 });
    expect(again('cache', 900, 2)).toEqual({ ...first, role: 'replica', expiresAt: 900, refreshedAt: 2 });
    expect(again('own', 800, 3)).toEqual({ ...first, role: 'own', expiresAt: 900, refreshedAt: 3 });
    expect(again('replica', 950, 4)).toEqual({ ...first, role: 'own', expiresAt: 950, refreshedAt: 4 });
    expect([table.size, table.bytes, table.nextExpiryAt()]).toEqual([1, UNIT, 950]);
  });

  test('[RT3] an expected sequence must be the one that is there', () => {
    const table = tableOf();
    const put = (sequence: number, cas: number): string => table.put(heldOf({ sequence }), 0, cas).outcome;
    expect(put(1, 1)).toBe('conflict');
    expect(put(1, 0)).toBe('stored');
    expect([put(2, 0), put(2, 2)]).toEqual(['conflict', 'conflict']);
    expect(put(2, 1)).toBe('stored');
    // The acknowledgement was lost and the writer tries again.
    expect(put(2, 1)).toBe('refreshed');
    expect(table.put(heldOf({ sequence: 9 }), 0, 1).current).toEqual(heldOf({ sequence: 2 }));
    expect(put(1, 2)).toBe('stale');
    expect(table.put(heldOf({ sequence: 1 }), 1000, 0).outcome).toBe('expired');
    expect(table.put(heldOf({ sequence: 1, expiresAt: 2000 }), 1000, 0).outcome).toBe('stored');
  });

  test('[RT4] what is expired is refused, counts as none, and is taken out in order', () => {
    const table = tableOf();
    expect(table.nextExpiryAt()).toBe(Infinity);
    for (const at of [3, 1, 2]) table.put(heldOf({ at, sequence: 5, expiresAt: 100 * at }), 0);
    expect(table.put(heldOf({ at: 4, expiresAt: 50 }), 50)).toEqual({
      outcome: 'expired',
      current: undefined,
      evicted: [],
    });
    expect(table.nextExpiryAt()).toBe(100);
    expect(table.of(keyAt(1), 99).length).toBe(1);
    expect(table.of(keyAt(1), 100)).toEqual([]);
    const old = table.get(recordOf({ at: 1 }).slot)!;
    expect(table.put(heldOf({ at: 1, sequence: 2 }), 100)).toMatchObject({
      outcome: 'stored',
      evicted: [old],
    });
    expect(table.takeExpired(199)).toEqual([]);
    expect(table.takeExpired(300).map(({ record }) => record.key[0])).toEqual([2, 3]);
    expect([table.size, table.bytes, table.nextExpiryAt()]).toEqual([1, UNIT, 1000]);
  });

  test('[RT12] a copy gets another role and end', () => {
    const table = tableOf();
    const held = heldOf();
    table.put(held, 0);
    table.setRole(held.record.slot, 'cache', 40);
    table.setRole('nowhere', 'own', 10);
    expect([...table.values()]).toEqual([{ ...held, role: 'cache', expiresAt: 40 }]);
    expect(table.nextExpiryAt()).toBe(40);
  });

  test('[RT13] the records of a key are found by it, and go one by one', () => {
    const table = tableOf();
    const [one, two] = [heldOf({ by: 1 }), heldOf({ by: 2 })];
    for (const held of [one, two, heldOf({ at: 2 })]) table.put(held, 0);
    expect(table.of(keyAt(1), 0)).toEqual([one, two]);
    expect(table.delete(one.record.slot)).toEqual(one);
    expect(table.delete(one.record.slot)).toBeUndefined();
    expect(table.of(keyAt(1), 0)).toEqual([two]);
    expect([table.of(keyAt(3), 0), table.size, table.bytes]).toEqual([[], 2, 2 * UNIT]);
  });
});

describe('limits', () => {
  test('[RT5] each limit is reached and not exceeded', () => {
    const cases: [Partial<TableLimits>, number][] = [
      [{ recordsMax: 3 }, 3],
      [{ bytesMax: 4 * UNIT }, 4],
      [{ bytesMax: 4 * UNIT - 1 }, 3],
      [{ accountBytesMax: 2 * UNIT }, 2],
      [{ accountBytesMax: 2 * UNIT - 1 }, 1],
      [{ linkBytesMax: 5 * UNIT }, 5],
      [{ linkBytesMax: 5 * UNIT - 1 }, 4],
    ];
    for (const [limits, count] of cases) {
      const table = tableOf(limits);
      const outcomes = [1, 2, 3, 4, 5, 6].map((at) => table.put(heldOf({ at }), 0).outcome);
      expect(outcomes).toEqual(outcomes.map((_, i) => (i < count ? 'stored' : 'over-quota')));
      expect([table.size, table.bytes]).toEqual([count, count * UNIT]);
    }
    expect(TABLE_LIMITS).toEqual({
      recordsMax: 4096,
      bytesMax: 16 * 2 ** 20,
      accountBytesMax: 2 ** 20,
      linkBytesMax: 4 * 2 ** 20,
    });
  });

  test('[RT6] expired ones go first, and nobody else when that is enough', () => {
    const table = tableOf({ recordsMax: 3 });
    const late = heldOf({ at: 1, expiresAt: 10 });
    for (const held of [late, heldOf({ at: 2 }), heldOf({ at: 3 })]) table.put(held, 0);
    expect(table.put(heldOf({ at: 9 }), 10)).toMatchObject({ outcome: 'stored', evicted: [late] });
    expect(distances(table)).toEqual([2, 3, 9]);
  });

  test('[RT7] the largest account gives way, its caches first, then its farthest', () => {
    const table = tableOf({ recordsMax: 6 });
    const crowd = [
      heldOf({ at: 10 }),
      heldOf({ at: 11 }),
      heldOf({ at: 1, role: 'cache' }),
      heldOf({ at: 2 }),
    ];
    const few = [heldOf({ at: 200, by: 2 }), heldOf({ at: 201, by: 2, role: 'cache' })];
    for (const held of [...crowd, ...few]) table.put(held, 0);
    const gone = [3, 4].map((by) => table.put(heldOf({ at: 100, by }), 0).evicted[0]?.record.key[0]);
    expect(gone).toEqual([1, 11]);
    // Now both accounts have as many bytes: the cache goes, nearer or not.
    expect(table.put(heldOf({ at: 100, by: 5 }), 0).evicted).toEqual([few[1]]);
    expect(distances(table)).toEqual([2, 10, 100, 100, 100, 200]);
  });

  test('[RT7] [GE16] on a ring, what lies just after the node goes before what lies before it', () => {
    const self = keyAt(100);
    const ring = new ChordGeometry({ self, listSize: 16, cells: 8, refreshMs: 600_000 });
    const table = new RecordTable({ ...ROOMY, recordsMax: 4 }, (a, b) => ring.compareKeys(a, b));
    for (const at of [101, 99, 100, 3]) table.put(heldOf({ at }), 0);
    const gone = [98, 97].map((at) => table.put(heldOf({ at }), 0).evicted[0]?.record.key[0]);
    expect(gone).toEqual([101, 3]);
    expect(table.put(heldOf({ at: 180 }), 0).outcome).toBe('over-quota');
    expect(distances(table)).toEqual([97, 98, 99, 100]);
  });

  test('[RT7] of equals the last to come gives way', () => {
    const table = tableOf({ recordsMax: 2 });
    for (const by of [1, 2]) table.put(heldOf({ by, storedAt: by }), 0);
    expect(table.put(heldOf({ by: 3, storedAt: 3 }), 3).outcome).toBe('over-quota');
    expect(table.put(heldOf({ by: 4, storedAt: 0 }), 3).evicted).toEqual([heldOf({ by: 2, storedAt: 2 })]);
  });

  test('[RT8] a newcomer that is the first to go is refused, and all stays as it was', () => {
    const table = tableOf({ bytesMax: 3 * UNIT });
    for (const at of [1, 2]) table.put(heldOf({ at, valueBytes: 8 }), 0);
    const before = [...table.values()];
    expect(table.put(heldOf({ at: 9 }), 0)).toEqual({
      outcome: 'over-quota',
      current: undefined,
      evicted: [],
    });
    const larger = heldOf({ at: 2, sequence: 2, valueBytes: 2 * UNIT });
    expect(table.put(larger, 0)).toEqual({ outcome: 'over-quota', current: before[1], evicted: [] });
    expect([...table.values()].sort((a, b) => a.record.key[0]! - b.record.key[0]!)).toEqual(before);
    // Others go in vain: even without them there would be no room.
    expect(table.put(heldOf({ at: 0, by: 2, valueBytes: 3 * UNIT }), 0).outcome).toBe('over-quota');
    expect(distances(table)).toEqual([1, 2]);
  });

  test('[RT9] over the limit of its account or link only the caches of that give way', () => {
    for (const limits of [{ accountBytesMax: 3 * UNIT }, { linkBytesMax: 3 * UNIT }]) {
      const table = tableOf(limits);
      const cache = heldOf({ at: 2, role: 'cache' });
      const elsewhere = heldOf({ at: 99, by: 2, via: 'elsewhere', role: 'cache' });
      for (const held of [heldOf({ at: 9 }), cache, heldOf({ at: 8 }), elsewhere]) table.put(held, 0);
      expect(table.put(heldOf({ at: 3, role: 'cache' }), 0).outcome).toBe('over-quota');
      expect(table.put(heldOf({ at: 7 }), 0)).toMatchObject({ outcome: 'stored', evicted: [cache] });
      expect(table.put(heldOf({ at: 1 }), 0).outcome).toBe('over-quota');
      expect(distances(table)).toEqual([7, 8, 9, 99]);
    }
  });

  test('[RT10] own records stay, whoever comes, and take the room of others', () => {
    const table = tableOf({ recordsMax: 3 });
    for (const at of [200, 201]) table.put(heldOf({ at, role: 'own', via: '' }), 0);
    const other = heldOf({ at: 1, by: 2 });
    table.put(other, 0);
    expect(table.put(heldOf({ at: 2, by: 3 }), 0).outcome).toBe('over-quota');
    const third = heldOf({ at: 202, role: 'own', via: '' });
    expect(table.put(third, 0)).toMatchObject({ outcome: 'stored', evicted: [other] });
    expect(table.put(heldOf({ at: 203, role: 'own', via: '' }), 0).outcome).toBe('over-quota');
    expect(table.put(other, 0).outcome).toBe('over-quota');
    expect(distances(table)).toEqual([200, 201, 202]);
  });

  test('[RT11] one account that floods 10,000 records cannot push out the ten of another', () => {
    for (const limits of [
      TABLE_LIMITS,
      { ...TABLE_LIMITS, recordsMax: 300 },
      { ...TABLE_LIMITS, bytesMax: 2 ** 19 },
    ]) {
      const table = new RecordTable(limits, byXor);
      const few = Array.from({ length: 10 }, (_, i) => heldOf({ at: 240 + i, by: 2, valueBytes: 100 }));
      for (const held of few) table.put(held, 0);
      let stored = 0;
      for (let i = 0; i < 10_000; i++) {
        const record = immutableRecord(Uint8Array.of(i >> 8, i), ports);
        const role = i % 3 === 0 ? 'cache' : 'replica';
        const held = heldOf({ record, role, account: 'flood', via: 'flood', storedAt: i });
        if (table.put(held, i / 100).outcome === 'stored') stored++;
      }
      expect(stored).toBeGreaterThan(200);
      expect(few.filter(({ record }) => table.get(record.slot) === undefined)).toEqual([]);
      expect(table.size).toBeGreaterThan(200);
      expect(table.size <= limits.recordsMax && table.bytes <= limits.bytesMax).toBe(true);
    }
  });
});

/** The same rules the slow way: a list, sorted and summed at each step. */
class Model {
  list: Held[] = [];
  readonly limits: TableLimits;

  constructor(limits: TableLimits) {
    this.limits = limits;
  }

  put(held: Held, now: number, cas?: number): string {
    const { slot } = held.record;
    this.list = this.list.filter((other) => other.record.slot !== slot || other.expiresAt > now);
    const current = this.list.find(({ record }) => record.slot === slot);
    if (held.expiresAt <= now) return 'expired';
    if (current !== undefined && sameId(current.record.bytes, held.record.bytes)) {
      const roles: Role[] = ['own', 'replica', 'cache'];
      const role = roles.find((name) => name === current.role || name === held.role)!;
      const expiresAt = Math.max(current.expiresAt, held.expiresAt);
      this.change(slot, { role, expiresAt, refreshedAt: held.refreshedAt });
      return 'refreshed';
    }
    if (cas !== undefined && cas !== (current === undefined ? 0 : current.record.sequence)) return 'conflict';
    if (current !== undefined && held.record.sequence <= current.record.sequence) return 'stale';
    let wanted = [...this.list.filter((other) => other !== current), held];
    while (this.choices(wanted, held) !== undefined) {
      if (wanted.some(({ expiresAt }) => expiresAt <= now)) {
        this.takeExpired(now);
        wanted = wanted.filter(({ expiresAt }) => expiresAt > now);
        continue;
      }
      const victim = this.inOrder(this.choices(wanted, held)!, wanted)[0] ?? held;
      if (victim === held) return 'over-quota';
      wanted = wanted.filter((other) => other !== victim);
    }
    this.list = wanted;
    return 'stored';
  }

  change(slot: string, fields: Partial<Held>): void {
    this.list = this.list.map((held) => (held.record.slot === slot ? { ...held, ...fields } : held));
  }

  takeExpired(now: number): void {
    this.list = this.list.filter(({ expiresAt }) => expiresAt > now);
  }

  private choices(wanted: Held[], { account, via }: Held): Held[] | undefined {
    const ofAccount = wanted.filter((held) => held.account === account);
    if (sum(ofAccount) > this.limits.accountBytesMax) return ofAccount.filter(({ role }) => role === 'cache');
    const ofLink = wanted.filter((held) => held.via === via);
    if (sum(ofLink) > this.limits.linkBytesMax) return ofLink.filter(({ role }) => role === 'cache');
    const over = wanted.length > this.limits.recordsMax || sum(wanted) > this.limits.bytesMax;
    return over ? wanted.filter(({ role }) => role !== 'own') : undefined;
  }

  private inOrder(choices: Held[], wanted: Held[]): Held[] {
    const size = ({ account }: Held): number => sum(wanted.filter((held) => held.account === account));
    const isReplica = ({ role }: Held): number => (role === 'replica' ? 1 : 0);
    return choices.sort(
      (a, b) =>
        size(b) - size(a) ||
        isReplica(a) - isReplica(b) ||
        byXor(b.record.key, a.record.key) ||
        b.storedAt - a.storedAt ||
        (b.record.slot < a.record.slot ? -1 : 1),
    );
  }
}

const sum = (list: Held[]): number => list.reduce((bytes, held) => bytes + bytesOf(held), 0);
const bySlot = (list: Iterable<Held>): Held[] =>
  [...list].sort((a, b) => (a.record.slot < b.record.slot ? -1 : 1));

function sums(list: Held[], name: (held: Held) => string): number[] {
  return [...new Set(list.map(name))].map((each) => sum(list.filter((held) => name(held) === each)));
}

const anyRole = fc.constantFrom<Role>('own', 'replica', 'replica', 'cache', 'cache');
const anyRecord = fc.oneof(
  fc
    .record({
      at: fc.nat(4),
      by: fc.nat(2),
      sequence: fc.integer({ min: 1, max: 4 }),
      valueBytes: fc.constantFrom(0, 300, 2000),
      fill: fc.nat(1),
    })
    .map(recordOf),
  fc.nat(5).map((byte) => immutableRecord(Uint8Array.of(byte), ports)),
);
const anyStep = fc.record({
  action: fc.constantFrom('put', 'put', 'put', 'put', 'put', 'put', 'delete', 'role', 'expire'),
  passMs: fc.constantFrom(0, 0, 1, 5, 40),
  record: anyRecord,
  role: anyRole,
  lifeMs: fc.oneof(fc.constant(0), { arbitrary: fc.integer({ min: 1, max: 500 }), weight: 8 }),
  storer: fc.nat(2),
  via: fc.nat(2),
  cas: fc.oneof({ arbitrary: fc.constant(undefined), weight: 5 }, fc.nat(3)),
});
type Step = typeof anyStep extends fc.Arbitrary<infer S> ? S : never;
const anyLimits = fc.record({
  recordsMax: fc.integer({ min: 2, max: 14 }),
  bytesMax: fc.integer({ min: 2 * UNIT, max: 14 * UNIT }),
  accountBytesMax: fc.integer({ min: UNIT, max: 8 * UNIT }),
  linkBytesMax: fc.integer({ min: UNIT, max: 10 * UNIT }),
});

/** Does the step in both; what the table did must be what the model did. */
function take(step: Step, now: number, table: RecordTable, model: Model): string {
  const { record, role, lifeMs, storer, via, cas } = step;
  const { slot } = record;
  if (step.action === 'delete') {
    expect(table.delete(slot)).toEqual(model.list.find((held) => held.record.slot === slot));
    model.list = model.list.filter((held) => held.record.slot !== slot);
  } else if (step.action === 'role') {
    table.setRole(slot, role, now + lifeMs);
    model.change(slot, { role, expiresAt: now + lifeMs });
  } else if (step.action === 'expire') {
    const before = model.list;
    model.takeExpired(now);
    expect(bySlot(table.takeExpired(now))).toEqual(
      bySlot(before.filter((held) => !model.list.includes(held))),
    );
  } else {
    const account = record.kind === 'immutable' ? `node ${storer}` : mapKey(record.publisher);
    const held = heldOf({ record, role, account, via: String(via), expiresAt: now + lifeMs, storedAt: now });
    const before = model.list;
    const outcome = model.put(held, now, cas);
    const did = table.put(held, now, cas);
    expect(did.outcome).toBe(outcome);
    expect(did.current).toEqual(model.list.find((other) => other.record.slot === slot));
    const gone = before.filter((other) => !model.list.some((left) => left.record.slot === other.record.slot));
    expect(bySlot(did.evicted.filter((other) => other.record.slot !== slot))).toEqual(
      bySlot(gone.filter((other) => other.record.slot !== slot)),
    );
    return outcome === 'stored' && gone.length > 0 ? 'made room' : outcome;
  }
  return step.action;
}

test(`[RT5] [RT6] [RT7] [RT8] [RT9] [RT10] after any operations the limits hold and a plain model has the same, seed ${SEED}`, () => {
  const seen = new Map<string, number>();
  const check = (limits: TableLimits, steps: Step[]): void => {
    const table = new RecordTable(limits, byXor);
    const model = new Model(limits);
    let now = 0;
    for (const step of steps) {
      now += step.passMs;
      const what = take(step, now, table, model);
      seen.set(what, (seen.get(what) ?? 0) + 1);
      const list = [...table.values()];
      expect(bySlot(list)).toEqual(bySlot(model.list));
      expect([table.size, table.bytes]).toEqual([list.length, sum(list)]);
      expect(table.nextExpiryAt()).toBe(Math.min(Infinity, ...list.map(({ expiresAt }) => expiresAt)));
      const { key } = step.record;
      const here = list.filter(({ record, expiresAt }) => sameId(record.key, key) && expiresAt > now);
      expect(bySlot(table.of(key, now))).toEqual(bySlot(here));
      expect(list.length <= limits.recordsMax && sum(list) <= limits.bytesMax).toBe(true);
      expect(Math.max(0, ...sums(list, ({ account }) => account))).toBeLessThanOrEqual(
        limits.accountBytesMax,
      );
      expect(Math.max(0, ...sums(list, ({ via }) => via))).toBeLessThanOrEqual(limits.linkBytesMax);
    }
  };
  const runs = caseCount(300, 3_000);
  fc.assert(fc.property(anyLimits, fc.array(anyStep, { minLength: 10, maxLength: 80, size: 'max' }), check), {
    numRuns: runs,
    seed: SEED,
  });
  // Each outcome was among them often enough to mean something.
  for (const what of ['stored', 'made room', 'refreshed', 'stale', 'conflict', 'over-quota', 'expired'])
    expect(seen.get(what) ?? 0, what).toBeGreaterThan(runs / 10);
});
