/** Distances on a Chord ring and where a node stands in the lists of another, in words. Ids ascend clockwise. Pure. */

import type { ContactView, Id, RingView } from '../../session/api.ts';

/** Hexadecimal digits of the way clockwise from one id to another: compares as text the way distances compare. */
export function clockwiseText(from: Id, to: Id): string {
  const gap = BigInt.asUintN(4 * from.length, BigInt(`0x${to}`) - BigInt(`0x${from}`));
  return gap.toString(16).padStart(from.length, '0');
}

/** The way clockwise as a share of the ring: `12.5 %`, `< 0.1 %`. */
export function shareText(from: Id, to: Id): string {
  const share = Number.parseInt(clockwiseText(from, to).slice(0, 8), 16) / 2 ** 32;
  return share > 0 && share < 0.001 ? '< 0.1 %' : `${Number((share * 100).toFixed(1))} %`;
}

/** Where a node stands beside a key, by the shorter way round: `3 % of the ring before the target`. */
export function besideText(id: Id, target: Id): string {
  if (id === target) return 'is the target';
  const isBefore = clockwiseText(id, target) < clockwiseText(target, id);
  return `${isBefore ? shareText(id, target) : shareText(target, id)} of the ring ${isBefore ? 'before' : 'after'} the target`;
}

/** Everybody with a place in the lists or at a finger, each once. */
export function ringContacts({ successors, predecessors, fingers }: RingView): readonly ContactView[] {
  const all = [...successors, ...predecessors, ...fingers.flatMap(({ contact }) => contact ?? [])];
  return [...new Map(all.map((contact) => [contact.id, contact])).values()];
}

/** What a node is to this one: `successor 1, finger 2^254`; `undefined` for one without a place. */
export function placeText(id: Id, { successors, predecessors, fingers }: RingView): string | undefined {
  const rank = (list: readonly ContactView[], word: string): string[] => {
    const at = list.findIndex((contact) => contact.id === id);
    return at < 0 ? [] : [`${word} ${at + 1}`];
  };
  const pointing = fingers.filter(({ contact }) => contact?.id === id);
  const places = [
    ...rank(successors, 'successor'),
    ...rank(predecessors, 'predecessor'),
    ...pointing.map(({ exponent }) => `finger 2^${exponent}`),
  ];
  return places.length === 0 ? undefined : places.join(', ');
}
