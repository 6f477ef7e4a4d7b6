import { expect, test } from 'vitest';
import { EventQueue, toTickMs } from './event-queue.ts';
import { SeededRandom } from './random.ts';

test('events come out by time, and in the order they were pushed where times are equal', () => {
  const queue = new EventQueue<string>();
  queue.push(5, 'c');
  queue.push(1, 'a');
  queue.push(5, 'd');
  queue.push(2, 'b');
  const taken: string[] = [];
  for (let item = queue.pop(); item !== undefined; item = queue.pop()) taken.push(item);
  expect(taken).toEqual(['a', 'b', 'c', 'd']);
  expect(queue.peekTime()).toBe(Infinity);
});

test('times are rounded up to a quarter of a millisecond', () => {
  expect(toTickMs(1.01)).toBe(1.25);
  expect(toTickMs(1.25)).toBe(1.25);
  const queue = new EventQueue<number>();
  queue.push(0.1, 1);
  expect(queue.peekTime()).toBe(0.25);
});

test('an event pushed for the current time while that time is being handled comes after the others of it', () => {
  const queue = new EventQueue<number>();
  queue.push(1, 1);
  queue.push(1, 2);
  expect(queue.pop()).toBe(1);
  queue.push(1, 3);
  expect(queue.pop()).toBe(2);
  expect(queue.pop()).toBe(3);
  queue.push(1, 4);
  expect(queue.peekTime()).toBe(1);
  expect(queue.pop()).toBe(4);
});

test('pushing before the last event taken is a bug', () => {
  const queue = new EventQueue<number>();
  queue.push(2, 1);
  queue.push(2, 2);
  queue.pop();
  expect(() => queue.push(1, 3)).toThrow();
});

test('agrees with a sorted list under random pushes and pops', () => {
  for (let seed = 1; seed <= 30; seed++) {
    const random = new SeededRandom(seed, 0);
    const queue = new EventQueue<number>();
    const model: { at: number; item: number }[] = [];
    let now = 0;
    for (let item = 0; item < 400; item++) {
      const at = now + random.below(40) / 4;
      queue.push(at, item);
      model.push({ at, item });
      model.sort((a, b) => a.at - b.at || a.item - b.item);
      for (let pops = random.below(3); pops > 0; pops--) {
        const first = model.shift();
        expect(queue.peekTime(), `seed ${seed}`).toBe(first?.at ?? Infinity);
        expect(queue.pop(), `seed ${seed}`).toBe(first?.item);
        now = first?.at ?? now;
      }
      expect(queue.length).toBe(model.length);
    }
  }
});
