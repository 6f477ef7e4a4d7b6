import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { scrollToShow, topOf, windowOf, type ListShape } from './window.ts';

const shape: ListShape = { count: 10_000, rowPx: 26, openIndex: -1, openPx: 196 };

describe('rows in sight', () => {
  it('draws a screenful of ten thousand rows', () => {
    const part = windowOf(shape, 5_000 * 26, 260);
    expect(part.totalPx).toBe(260_000);
    expect(part.end - part.first).toBeLessThan(30);
    expect(part.first).toBeLessThanOrEqual(5_000);
    expect(part.end).toBeGreaterThanOrEqual(5_010);
    expect(part.offsetPx).toBe(part.first * 26);
  });

  it('has nothing to draw in an empty list', () => {
    expect(windowOf({ ...shape, count: 0 }, 0, 300)).toEqual({ first: 0, end: 0, offsetPx: 0, totalPx: 0 });
  });

  it('makes room for the open row', () => {
    const open = { ...shape, openIndex: 3 };
    expect(windowOf(open, 0, 300).totalPx).toBe(260_196);
    expect(topOf(open, 3)).toBe(78);
    expect(topOf(open, 4)).toBe(300);
    expect(topOf({ ...open, count: 2 }, 1)).toBe(26);
  });

  it('scrolls no further than needed to show a row', () => {
    const view = { top: 260, height: 260 };
    expect(scrollToShow(shape, 12, view)).toBe(260);
    expect(scrollToShow(shape, 5, view)).toBe(130);
    expect(scrollToShow(shape, 20, view)).toBe(286);
    // A row taller than the view shows its head.
    expect(scrollToShow({ ...shape, openIndex: 20, openPx: 400 }, 20, view)).toBe(520);
  });

  it('property: every row that meets the view is drawn, at its own place', () => {
    fc.assert(
      fc.property(
        fc.nat(500),
        fc.integer({ min: -1, max: 600 }),
        fc.nat(20_000),
        fc.integer({ min: 1, max: 900 }),
        (count, openIndex, scrollTop, viewportPx) => {
          const list: ListShape = { count, rowPx: 26, openIndex, openPx: 196 };
          const part = windowOf(list, scrollTop, viewportPx);
          expect(part.first).toBeGreaterThanOrEqual(0);
          expect(part.end).toBeLessThanOrEqual(count);
          expect(part.first).toBeLessThanOrEqual(part.end);
          expect(part.offsetPx).toBe(topOf(list, part.first));
          for (let index = 0; index < count; index += 1) {
            const top = topOf(list, index);
            const bottom = top + 26 + (index === openIndex ? 196 : 0);
            if (bottom > scrollTop && top < scrollTop + viewportPx) {
              expect(index >= part.first && index < part.end).toBe(true);
            }
          }
        },
      ),
    );
  });
});
