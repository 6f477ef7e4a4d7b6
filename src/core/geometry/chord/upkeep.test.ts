import { describe, expect, test } from 'vitest';

import { EMPTY_ID_LIST } from '../../id/id-list.ts';
import { asNodeId, ID_BYTES, mapKey, toHex, type NodeId } from '../../id/node-id.ts';
import { plusPower } from '../../id/ring.ts';
import { contactOf } from '../test-contacts.ts';
import type { LinkPreference, LookupTask } from '../geometry.ts';
import { ChordGeometry } from './chord.ts';
import { clockwise } from './ring-model.ts';

const REFRESH_MS = 600_000;
const LIST = 4;
const OWN = 8 * ID_BYTES;

/** Ids spread evenly over the circle; the first one is the node's own. */
function evenly(count: number): NodeId[] {
  return Array.from({ length: count }, (_, i) => {
    const id = new Uint8Array(ID_BYTES);
    new DataView(id.buffer).setUint32(0, Math.floor((i * 2 ** 32) / count) + 1);
    return asNodeId(id);
  });
}

/** A node and everybody on its ring; its lookups are answered from the truth. */
class Lone {
  readonly self: NodeId;
  readonly others: NodeId[];
  readonly geometry: ChordGeometry;

  constructor(count: number, cells = 1) {
    const [self, ...others] = evenly(count);
    this.self = self!;
    this.others = others;
    this.geometry = new ChordGeometry({ self: self!, listSize: LIST, cells, refreshMs: REFRESH_MS });
  }

  due(now: number): LookupTask[] {
    return this.geometry.lookupsDue(now, (count) => new Uint8Array(count));
  }

  offer(...ids: NodeId[]): void {
    for (const id of ids) this.geometry.offer(contactOf(id, 1, 'chord'), 0, false);
  }

  /** Offers those that the answer to a lookup names, and reports it answered. */
  answer({ slot, target }: LookupTask, now: number): void {
    const ordered = clockwise(target, this.others);
    this.offer(...ordered.slice(0, LIST), ...(slot === OWN ? ordered.slice(-LIST) : []));
    const isAll = ordered.length <= 2 * LIST;
    const named = isAll
      ? [...ordered, ...ordered.slice(0, 1)]
      : [...ordered.slice(-LIST), ...ordered.slice(0, LIST)];
    if (slot === OWN) this.geometry.onNamed(named, () => false);
    this.geometry.lookupDone(slot, now, true);
  }

  /** Answers until nothing is due. */
  settle(now: number): this {
    for (let tasks = this.due(now); tasks.length > 0; tasks = this.due(now))
      for (const task of tasks) this.answer(task, now);
    return this;
  }

  remove(...ids: NodeId[]): void {
    for (const id of ids) {
      this.geometry.remove(mapKey(id), 0);
      this.others.splice(this.others.indexOf(id), 1);
    }
  }

  get shown(): { successors: string[]; predecessors: string[] } {
    const { successors, predecessors } = this.geometry.snapshot(() => false);
    return {
      successors: successors.map(({ id }) => toHex(id)),
      predecessors: predecessors.map(({ id }) => toHex(id)),
    };
  }

  /** The lists as they should be. */
  get truth(): { successors: string[]; predecessors: string[] } {
    const ordered = clockwise(this.self, this.others).map(toHex);
    return { successors: ordered.slice(0, LIST), predecessors: ordered.toReversed().slice(0, LIST) };
  }
}

describe('the known stretch', () => {
  test('[CH13] nobody is shown in the lists before the successor has answered, then the nearest in both directions', () => {
    const lone = new Lone(40);
    lone.offer(lone.others[0]!, lone.others[20]!);
    expect(lone.shown).toEqual({ successors: [], predecessors: [] });
    const [own] = lone.due(0);
    lone.answer(own!, 0);
    expect(lone.shown).toEqual(lone.truth);
  });

  test.each([2, 3, LIST, LIST + 1, 2 * LIST])('[CH14] of %i nodes each knows everybody', (count) => {
    const lone = new Lone(count).settle(0);
    expect(lone.shown).toEqual(lone.truth);
    expect(lone.geometry.sizeEstimate()).toBe(count);
    expect(lone.geometry.snapshot(() => false).fingers).toEqual([]);
    expect(lone.geometry.isComplete()).toBe(true);
  });

  test('[CH14] a ring that grows is known as a whole until it is larger than what is kept', () => {
    const lone = new Lone(3).settle(0);
    const rest = evenly(100)
      .slice(1)
      .map((id) => plusPower(id, 3));
    for (const id of rest) {
      lone.offer(id);
      lone.others.push(id);
      expect(lone.shown).toEqual(lone.truth);
    }
    expect(lone.geometry.sizeEstimate()).toBeGreaterThan(60);
    expect(lone.geometry.snapshot(() => false).fingers.length).toBeGreaterThan(0);
  });

  test('[CH15] a newcomer inside is shown at once, one beyond the ends is not', () => {
    const lone = new Lone(64).settle(0);
    const inside = plusPower(lone.others[0]!, 200);
    lone.offer(inside);
    lone.others.push(inside);
    expect(lone.shown.successors[1]).toBe(toHex(inside));
    expect(lone.shown).toEqual(lone.truth);
    // Of a node that never was told who comes after the fourth successor, the tenth is hearsay.
    const fresh = new Lone(64);
    const [own] = fresh.due(0);
    fresh.answer(own!, 0);
    fresh.remove(fresh.others[0]!);
    fresh.offer(fresh.others[9]!);
    expect(fresh.shown.successors).toEqual(fresh.truth.successors.slice(0, LIST - 1));
  });

  test('[CH16] a list stays as long when nodes of it are lost, once more of them were learned', () => {
    const lone = new Lone(64).settle(0);
    // Newcomers push the list's end on: the nodes that were there before stay known.
    for (const before of [lone.self, ...lone.others.slice(0, 3)]) {
      const newcomer = plusPower(before, 200);
      lone.offer(newcomer);
      lone.others.push(newcomer);
    }
    for (const id of clockwise(lone.self, lone.others).slice(0, 4)) {
      lone.remove(id);
      expect(lone.shown.successors).toEqual(lone.truth.successors);
    }
    expect(lone.due(1_000)).toEqual([]);
  });

  test('[CH17] whoever holds a key within the stretch is known', () => {
    const lone = new Lone(64).settle(0);
    const { others, geometry } = lone;
    const peers = others.map((id) => ({
      id,
      key: mapKey(id),
      linked: EMPTY_ID_LIST,
    }));
    const nextFor = (key: NodeId): string => {
      const [index] = geometry.nextHops(key, peers, { count: 1, skip: () => false, ignore: [] });
      return toHex(peers[index!]!.id);
    };
    // Just after the second successor: the third holds it. Far away it goes to the last one before it.
    expect(nextFor(plusPower(others[1]!, 0))).toBe(toHex(others[2]!));
    expect(nextFor(plusPower(others.at(-2)!, 0))).toBe(toHex(others.at(-1)!));
    expect(nextFor(plusPower(others[30]!, 0))).toBe(toHex(others[31]!));
    // The next three are not to be had: who comes then is too far from the key to know who holds it.
    peers.splice(31, 3);
    expect(nextFor(plusPower(others[30]!, 0))).toBe(toHex(others[30]!));
    const whole = new Lone(5).settle(0);
    expect(whole.geometry.leadsOn(plusPower(whole.others[1]!, 0), whole.others[2]!)).toBe(true);
    expect(whole.geometry.leadsOn(plusPower(whole.self, 0), whole.others[0]!)).toBe(true);
    expect(whole.geometry.isResponsible(whole.self)).toBe(true);
  });
});

describe('lookups of a node on a ring', () => {
  test('[CH18] first the own id, then where each finger beyond the stretch begins', () => {
    const lone = new Lone(256);
    const [own, ...more] = lone.due(0);
    expect(own).toEqual({ slot: OWN, target: lone.self });
    expect(more).toEqual([]);
    lone.answer(own!, 0);
    const fingers = lone.due(0);
    // The fourth successor stands 2^250 away: the first finger that may point beyond it begins there or later.
    expect(fingers.map(({ slot }) => slot)).toEqual([251, 252, 253, 254, 255]);
    for (const { slot, target } of fingers) expect(toHex(target)).toBe(toHex(plusPower(lone.self, slot)));
    for (const task of fingers) lone.answer(task, 0);
    expect(lone.geometry.isComplete()).toBe(true);
    const shown = lone.geometry.snapshot(() => false).fingers;
    expect(shown.map(({ exponent }) => exponent)).toEqual([251, 252, 253, 254, 255]);
    for (const { start, contact } of shown)
      expect(toHex(contact!.id)).toBe(toHex(clockwise(start, lone.others)[0]!));
  });

  test('[CH19] the own id is looked up again soon, then ever more rarely', () => {
    const lone = new Lone(64).settle(0);
    const times: number[] = [];
    for (let now = 0; times.length < 6; now = lone.geometry.nextMaintenanceAt()) {
      for (const task of lone.due(now)) {
        if (task.slot === OWN) times.push(now);
        lone.answer(task, now);
      }
    }
    const pauses = times.map((time, i) => time - (times[i - 1] ?? 0));
    expect(pauses).toEqual([2_000, 10_000, 50_000, 250_000, REFRESH_MS, REFRESH_MS]);
  });

  test('[CH20] a lost finger and a list that got too short are looked up at once', () => {
    const lone = new Lone(64).settle(0);
    const finger = lone.geometry.snapshot(() => false).fingers.at(-1)!;
    const removed = lone.geometry.remove(mapKey(finger.contact!.id), 0);
    expect(removed?.refill).toEqual({ slot: 255, target: finger.start });
    expect(lone.geometry.isComplete()).toBe(false);
    expect(lone.due(1)).toEqual([{ slot: 255, target: finger.start }]);
    lone.others.splice(
      lone.others.findIndex((id) => toHex(id) === toHex(finger.contact!.id)),
      1,
    );
    lone.answer({ slot: 255, target: finger.start }, 1);
    expect(lone.geometry.isComplete()).toBe(true);
    for (let i = 0; lone.geometry.isComplete(); i++) {
      if (i > 10) throw new Error('the list never gets too short');
      lone.remove(clockwise(lone.self, lone.others)[0]!);
    }
    const [own] = lone.due(2);
    expect(own?.slot).toBe(OWN);
    // Another one is lost while the answer is on its way.
    lone.remove(clockwise(lone.self, lone.others)[0]!);
    lone.answer(own!, 2);
    expect(lone.geometry.isComplete()).toBe(false);
    lone.settle(3);
    expect(lone.geometry.isComplete()).toBe(true);
    expect(lone.shown).toEqual(lone.truth);
  });

  test('[CH27] when the other part of the network is back, the own id is looked up at once and fingers after ten seconds, once', () => {
    const lone = new Lone(64).settle(0);
    const now = 100_000;
    lone.settle(now);
    expect(lone.due(now)).toEqual([]);
    lone.geometry.foundAgain?.(now);
    const early = lone.due(now + 1_000);
    expect(early.map(({ slot }) => slot)).toEqual([OWN]);
    lone.answer(early[0]!, now + 1_000);
    expect(lone.due(now + 9_999).filter(({ slot }) => slot !== OWN)).toEqual([]);
    const late = lone.due(now + 10_000).filter(({ slot }) => slot !== OWN);
    expect(late.length).toBeGreaterThan(1);
    for (const task of late) lone.answer(task, now + 10_000);
    expect(lone.due(now + 300_000).filter(({ slot }) => slot !== OWN)).toEqual([]);
  });

  test('[CH21] a failed lookup waits a second, then twice as long each time, up to a minute', () => {
    const lone = new Lone(64);
    const pauses: number[] = [];
    for (let now = 0; pauses.length < 8;) {
      const [own] = lone.due(now);
      lone.geometry.lookupDone(own!.slot, now, false);
      pauses.push(lone.geometry.nextMaintenanceAt() - now);
      now += pauses.at(-1)!;
    }
    expect(pauses).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
  });
});

describe('links and news of a ring', () => {
  const preference: LinkPreference = {
    linksWanted: 12,
    siblings: 4,
    linkEveryContact: false,
    isLinked: () => false,
    isShunned: () => false,
  };

  test('[CH22] successor and predecessor come first, then those beside them', () => {
    const lone = new Lone(256, 8).settle(0);
    const wanted = lone.geometry.wantedLinks(preference).filter(({ role }) => role === 'sibling');
    const { others } = lone;
    expect(wanted.map(({ contact }) => toHex(contact.id))).toEqual(
      [others[0]!, others.at(-1)!, others[1]!, others.at(-2)!].map(toHex),
    );
  });

  test('[CH23] every finger has a link in its interval', () => {
    const lone = new Lone(256, 8).settle(0);
    const wanted = lone.geometry.wantedLinks(preference).map(({ contact }) => contact.id);
    const ordered = clockwise(lone.self, lone.others);
    // 255 others stand evenly, so the interval of finger 248 + i holds those of ranks 2^i up to 2^(i+1).
    for (let i = 0; i < 8; i++) {
      const interval = ordered.slice(2 ** i - 1, 2 ** (i + 1) - 1).map(toHex);
      expect(wanted.some((id) => interval.includes(toHex(id)))).toBe(true);
    }
  });

  test('[CH24] in an interval a linked contact is preferred, one that could not be linked comes last', () => {
    const lone = new Lone(256, 8).settle(0);
    lone.offer(...lone.others);
    const far = [...lone.geometry.contacts()]
      .map(({ id }) => id)
      .filter((id) => lone.others.indexOf(id) > 128);
    expect(far.length).toBeGreaterThan(2);
    const bucketIn = (options: LinkPreference): string | undefined =>
      lone.geometry
        .wantedLinks(options)
        .find(({ role, contact }) => role === 'bucket' && far.includes(contact.id))?.contact.key;
    for (const id of far) {
      const key = mapKey(id);
      expect(bucketIn({ ...preference, isLinked: (other) => other === key })).toBe(key);
      expect(bucketIn({ ...preference, isShunned: (other) => other === key })).not.toBe(key);
      expect(bucketIn({ ...preference, isShunned: (other) => other === key })).toBeDefined();
    }
  });

  test('[CH25] those hear of a newcomer whose lists it may belong in, from nodes that are nearer to it', () => {
    const lone = new Lone(256, 8).settle(0);
    const { geometry, others, self } = lone;
    lone.offer(...others);
    const newcomer = plusPower(others[1]!, 240);
    // Two stand between it and this node; three between it and the node before this one; two and three on the other side.
    for (const far of [-1, 4, 5]) expect(geometry.concerns(newcomer, others.at(far)!)).toBe(true);
    // The nearer ones have heard of it. Four on the other side are too many for a list.
    for (const near of [0, 1, 2, 3]) expect(geometry.concerns(newcomer, others[near]!)).toBe(false);
    expect(geometry.concerns(newcomer, others[6]!)).toBe(false);
    expect(geometry.concerns(newcomer, newcomer)).toBe(false);
    expect(geometry.concerns(self, others[0]!)).toBe(false);
  });

  test('[CH25] those hear of a newcomer whose fingers it may be, as far as is known here and may be expected', () => {
    const { geometry, others } = new Lone(256, 8).settle(0);
    // From here to half the ring away every eighth node is known, the last of them seven before the newcomer.
    const newcomer = plusPower(others[126]!, 240);
    const across = plusPower(newcomer, 255);
    expect(geometry.concerns(newcomer, across)).toBe(true);
    expect(geometry.concerns(newcomer, plusPower(across, 247))).toBe(false);
    // Peers whose finger begins two and six nodes before the newcomer.
    const earlier = (nodes: number): NodeId => {
      const at = new DataView(across.slice().buffer);
      at.setUint32(0, (at.getUint32(0) - nodes * 2 ** 24) >>> 0);
      return asNodeId(new Uint8Array(at.buffer));
    };
    expect(geometry.concerns(newcomer, earlier(2))).toBe(true);
    expect(geometry.concerns(newcomer, earlier(6))).toBe(false);
  });

  test('[CH26] who counts is asked after in time, stand-ins of fingers later', () => {
    const lone = new Lone(256, 8).settle(0);
    const { geometry, others } = lone;
    lone.offer(...others);
    const ids = (before: number): string[] => geometry.stale(before).map(({ id }) => toHex(id));
    const early = ids(1);
    const near = [...others.slice(0, LIST), ...others.slice(-LIST)].map(toHex);
    expect(early).toEqual(expect.arrayContaining(near));
    const late = ids(200_000);
    expect(late).toHaveLength(geometry.size);
    expect(early.length).toBeLessThan(late.length);
    // The first contact in the interval of the longest finger, and the one in the next cell of it.
    expect(early).toContain(toHex(others[127]!));
    expect(early).not.toContain(toHex(others[143]!));
    expect(late).toContain(toHex(others[143]!));
  });
});
