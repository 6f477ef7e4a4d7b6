import { expect, test } from 'vitest';
import { Oracle } from './oracle.ts';
import { SeededRandom } from './random.ts';

function toNumber(bytes: Uint8Array): bigint {
  return bytes.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
}

function toBits(bytes: Uint8Array): string {
  return toNumber(bytes).toString(2).padStart(256, '0');
}

test('the nearest node is the one with the smallest XOR as a number, among live nodes only', () => {
  for (let seed = 1; seed <= 20; seed++) {
    const random = new SeededRandom(seed, 0);
    const oracle = new Oracle();
    const ids = Array.from({ length: 100 }, (_, i) => {
      const id = random.bytes(32);
      // Half of them differ in their last bytes only, so that every word counts.
      if (i % 2 === 0) id.fill(1, 0, 24 + (i % 8));
      return id;
    });
    ids.forEach((id, index) => oracle.add(index, id));
    for (let index = 0; index < 100; index += 3) oracle.remove(index);
    const live = ids.map((_, index) => index).filter((index) => index % 3 !== 0);
    expect(oracle.size).toBe(live.length);
    for (let query = 0; query < 50; query++) {
      const key = query % 2 === 0 ? random.bytes(32) : ids[random.below(100)]!.slice();
      key[31]! ^= query;
      const distance = (index: number): bigint => toNumber(ids[index]!) ^ toNumber(key);
      const expected = live.reduce((best, index) => (distance(index) < distance(best) ? index : best));
      expect(oracle.nearest(key), `seed ${seed}`).toBe(expected);
    }
  }
});

test('shared bits are those of the binary numbers', () => {
  const random = new SeededRandom(3, 0);
  const oracle = new Oracle();
  const ids = Array.from({ length: 40 }, () => random.bytes(32));
  ids.forEach((id, index) => {
    if (index > 0) id.set(ids[0]!.subarray(0, index % 33));
    oracle.add(index, id);
  });
  for (let index = 1; index < 40; index++) {
    let shared = 0;
    while (shared < 256 && toBits(ids[index]!)[shared] === toBits(ids[0]!)[shared]) shared++;
    expect(oracle.sharedBits(0, index)).toBe(shared);
  }
  expect(oracle.sharedBitCounts(0).reduce((sum, count) => sum + count, 0)).toBe(39);
});

test('an empty network has no nearest node', () => {
  expect(new Oracle().nearest(new Uint8Array(32))).toBe(-1);
});
