/** The checker itself: rings that are in order, and one fault at a time. */

import { expect, test } from 'vitest';
import { asNodeId } from '../../core/id/node-id.ts';
import { judgeRing, type RingMember } from './ring.ts';

function member(value: number, ...list: number[]): RingMember {
  const id = asNodeId(Uint8Array.of(value));
  const ids = list.map((next) => asNodeId(Uint8Array.of(next)));
  return { id, list: ids, before: [], isWhole: false, isJoining: false };
}

const RING = [member(10, 20, 30), member(20, 30, 40), member(30, 40, 10), member(40, 10, 20)];

function faultsWith(wanted: number, ...changed: RingMember[]): readonly string[] {
  const others = RING.filter(({ id }) => changed.every((other) => other.id[0] !== id[0]));
  return judgeRing([...others, ...changed], wanted).faults;
}

test('a ring in order has no faults, and everybody is a principal', () => {
  const { faults, principals } = judgeRing(RING, 4);
  expect(faults).toEqual([]);
  expect(principals.size).toBe(4);
  expect(judgeRing([member(10)], 1).faults).toEqual([]);
});

test('who is passed over is no principal', () => {
  expect(faultsWith(3, member(10, 20, 40))).toEqual([]);
  expect(faultsWith(4, member(10, 20, 40))).toEqual(['3 principals are left, wanted are 4']);
  expect(faultsWith(3, { ...member(40, 10, 20), isWhole: true })).toEqual([]);
  expect(faultsWith(4, { ...member(40, 10, 20), isWhole: true })).toHaveLength(1);
});

test('a list without anybody who lives, out of order, or with somebody twice', () => {
  expect(faultsWith(1, member(10, 15, 17)).join()).toMatch(/0a has no live successor/);
  expect(faultsWith(1, member(10, 30, 20)).join()).toMatch(/list of 0a is out of order/);
  expect(faultsWith(1, member(10, 20, 20)).join()).toMatch(/list of 0a is out of order/);
  expect(faultsWith(1, member(10, 20, 10)).join()).toMatch(/list of 0a is out of order/);
});

test('two rings, and one that goes round twice', () => {
  const two = [member(10, 30), member(30, 10), member(20, 40), member(40, 20)];
  expect(judgeRing(two, 0).faults).toContain('there are 2 rings');
  const twice = [member(10, 30), member(30, 20), member(20, 40), member(40, 10)];
  expect(judgeRing(twice, 0).faults).toContain('the ring of 4 is out of order');
});

test('a newcomer without a list is not judged, and the way goes on over it', () => {
  const newcomer = { ...member(25, 30), isJoining: true };
  expect(faultsWith(3, newcomer, member(20, 25))).toEqual([]);
});
