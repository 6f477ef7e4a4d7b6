/** Goal: claims change hands one at a time. Method: single cases, each with the times at which messages were sent. */

import { expect, test } from 'vitest';
import { asNodeId, type NodeId } from '../id/node-id.ts';
import { overlap, Ownership, type Claimant } from './ownership.ts';

const TIMES = { leaseMs: 100, takeOverMs: 200 };
const id = (place: number): NodeId => asNodeId(Uint8Array.of(place));
const claimant = (place: number, more: Partial<Claimant> = {}): Claimant => ({
  id: id(place),
  record: Uint8Array.of(place),
  ...more,
});

/** The owner of (`after`, `self`], whose heir agreed at time 0. */
function ownerOf(after: number, self: number): Ownership {
  const ownership = new Ownership(id(self), TIMES);
  ownership.take(id(after), 0, 0);
  return ownership;
}

/** The ends of a range. */
const endsOf = (ownership: Ownership): number[] | undefined =>
  ownership.claim && [ownership.claim.after[0]!, ownership.claim.upTo[0]!];

test('[RG11] the first node owns every key for as long as it is alone', () => {
  const first = new Ownership(id(50), TIMES);
  expect(first.owns(id(1), 0)).toBe(false);
  first.claimAll();
  for (const place of [0, 49, 50, 51, 255]) expect(first.owns(id(place), 1e9)).toBe(true);
});

test('[RG12] a claim holds for its time after the request that was agreed to, and no longer', () => {
  const owner = ownerOf(10, 50);
  expect([owner.owns(id(11), 99), owner.owns(id(50), 99)]).toEqual([true, true]);
  expect([owner.owns(id(10), 99), owner.owns(id(51), 99)]).toEqual([false, false]);
  expect(owner.owns(id(50), 100)).toBe(false);
  // The answer came late: what counts is when it was asked for.
  owner.onKept(40);
  expect([owner.isValid(139), owner.isValid(140)]).toEqual([true, false]);
});

test('[RG7] what is given away is no longer owned, and what was the whole circle has to be renewed from then on', () => {
  const owner = new Ownership(id(50), TIMES);
  owner.claimAll();
  owner.give(claimant(20), 1_000);
  expect(endsOf(owner)).toEqual([20, 50]);
  expect([owner.owns(id(20), 1_000), owner.owns(id(21), 1_000)]).toEqual([false, true]);
  expect(owner.isValid(1_100)).toBe(false);
});

test('[RG13] a silent owner is followed when the one before it asks, and not a moment too early', () => {
  const heir = ownerOf(40, 50);
  heir.onKept(1_000);
  expect(heir.onRenew(claimant(40), 150)).toBe('kept');
  expect(heir.onRenew(claimant(30), 350)).toBe('elsewhere');
  expect(endsOf(heir)).toEqual([40, 50]);
  expect(heir.onRenew(claimant(30), 351)).toBe('kept');
  expect(endsOf(heir)).toEqual([30, 50]);
});

test('[RG13] [RG11] where no other owner is left the whole circle falls to the last one', () => {
  const last = ownerOf(40, 50);
  last.onRoundTrip(200);
  expect(last.isWhole).toBe(false);
  last.onRoundTrip(201);
  expect([last.isWhole, last.owns(id(45), 1e9)]).toEqual([true, true]);
});

test('[RG14] who was followed while its claim had run out has lost its range', () => {
  const heir = ownerOf(30, 50);
  expect(heir.onRenew(claimant(40), 50)).toBe('lost');
  expect(endsOf(heir)).toEqual([30, 50]);
});

test('[RG17] an owner inside the range of another whose claim holds gives way', () => {
  const owner = ownerOf(30, 50);
  expect(owner.onRenew(claimant(40), 99)).toBe('lost');
  expect(endsOf(owner)).toEqual([30, 50]);
});

test('[RG15] who is not sure of its own claim agrees to nobody’s, follows nobody, and gives it up in the end', () => {
  const heir = ownerOf(40, 50);
  expect([30, 40, 45].map((place) => heir.onRenew(claimant(place), 250))).toEqual([
    'elsewhere',
    'unsure',
    'unsure',
  ]);
  expect(endsOf(heir)).toEqual([40, 50]);
  expect([heir.isOver(300), heir.isOver(301)]).toEqual([false, true]);
  heir.onKept(240);
  expect([heir.isOver(301), heir.onRenew(claimant(40), 301)]).toEqual([false, 'kept']);
});

test('[RG16] the range of one that leaves goes to its heir, and of nobody else', () => {
  const heir = ownerOf(40, 50);
  expect(heir.inherit(id(30), id(20), 10)).toBe(false);
  expect(heir.inherit(id(40), id(30), 10)).toBe(true);
  expect(endsOf(heir)).toEqual([30, 50]);
  expect(heir.inherit(id(30), id(50), 10)).toBe(true);
  expect(heir.isWhole).toBe(true);
});

test('[RG9] ranges overlap exactly when they have a key in common', () => {
  const places = [0, 1, 2, 3];
  const keysOf = (after: number, upTo: number): number[] => {
    const owner = new Ownership(id(upTo), TIMES);
    owner.take(id(after), 0, 0);
    return places.filter((key) => owner.owns(id(key), 0));
  };
  for (const a of places)
    for (const b of places)
      for (const c of places)
        for (const d of places.filter((place) => place !== b)) {
          const common = keysOf(a, b).some((key) => keysOf(c, d).includes(key));
          expect(overlap({ after: id(a), upTo: id(b) }, { after: id(c), upTo: id(d) })).toBe(common);
        }
});
