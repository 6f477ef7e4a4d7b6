/**
 * Which contacts deserve one of the few links a browser can hold: the nearest ones in both directions, so that the ring
 * holds together and a message finds its owner, and one in every finger's interval, so that each hop halves the way.
 * The two take turns. What is left is spread over the intervals. Rules CH22-CH24.
 */

import type { MapKey } from '../../id/node-id.ts';
import type { LinkPreference, WantedLink } from '../geometry.ts';
import { rankByLot } from '../lot.ts';
import { intervalsOf, type Entry, type RingTable } from './table.ts';

/** The links this node should have, most important first. */
export function wantedLinks(table: RingTable, preference: LinkPreference): WantedLink[] {
  const { entries } = table;
  const max = preference.linkEveryContact ? Infinity : preference.linksWanted;
  const wanted = new Map<MapKey, WantedLink>();
  const add = (entry: Entry | undefined, role: WantedLink['role']): void => {
    if (entry === undefined || wanted.size >= max || wanted.has(entry.contact.key)) return;
    wanted.set(entry.contact.key, { contact: entry.contact, role });
  };
  const isAble = ({ contact: { key } }: Entry): boolean =>
    preference.isLinked(key) || !preference.isShunned(key);
  const siblings = nearest(entries.filter(isAble), preference.siblings);
  const successors = new Set(siblings.filter((_, i) => i % 2 === 0));
  const fingers = intervalsOf(entries).map((interval) => rankByLot(interval, table.self, preference));
  for (let i = 0; i < Math.max(siblings.length, fingers.length); i++) {
    add(siblings[i], 'sibling');
    const finger = fingers[fingers.length - 1 - i];
    // An interval that a linked successor lies in has its link; the predecessors all lie in the last one, at its far end.
    if (finger?.some((entry) => successors.has(entry)) === false) add(finger.find(isAble), 'bucket');
  }
  for (const pool of [fingers.map((finger) => finger.filter(isAble)), fingers]) {
    const depth = Math.max(0, ...pool.map((finger) => finger.length));
    for (let place = 0; place < depth; place++) for (const finger of pool) add(finger[place], 'extra');
  }
  return [...wanted.values()];
}

/** The successor, the predecessor, the one after that, the one before this, and so on. */
function nearest(entries: readonly Entry[], count: number): Entry[] {
  const out: Entry[] = [];
  for (let i = 0; i < entries.length && out.length < count; i++) {
    out.push(entries[i % 2 === 0 ? i / 2 : entries.length - (i + 1) / 2]!);
  }
  return out;
}
