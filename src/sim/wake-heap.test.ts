import { expect, test } from 'vitest';
import { SeededRandom } from './random.ts';
import { WakeHeap } from './wake-heap.ts';

test('names the earliest wish, the smaller index among equals, and nobody when nobody wants', () => {
  const heap = new WakeHeap();
  expect(heap.peekIndex()).toBe(-1);
  expect(heap.peekTime()).toBe(Infinity);
  heap.set(7, 30);
  heap.set(3, 30);
  expect(heap.peekIndex()).toBe(3);
  heap.set(7, 10);
  expect(heap.peekIndex()).toBe(7);
  heap.set(7, Infinity);
  expect(heap.peekIndex()).toBe(3);
  heap.set(3, Infinity);
  expect(heap.peekIndex()).toBe(-1);
});

test('agrees with a plain list under random changes', () => {
  for (let seed = 1; seed <= 20; seed++) {
    const random = new SeededRandom(seed, 0);
    const heap = new WakeHeap();
    const wishes = Array.from({ length: 100 }, () => Infinity);
    for (let step = 0; step < 1_000; step++) {
      const index = random.below(100);
      const at = random.below(4) === 0 ? Infinity : random.below(50);
      wishes[index] = at;
      heap.set(index, at);
      const earliest = Math.min(...wishes);
      expect(heap.peekTime(), `seed ${seed}`).toBe(earliest);
      expect(heap.peekIndex(), `seed ${seed}`).toBe(earliest === Infinity ? -1 : wishes.indexOf(earliest));
    }
  }
});
