/** Which rows of a long list are on the screen. Rows have one height; one of them may be open and taller. Pure. */

export interface ListWindow {
  /** First row to draw. */
  readonly first: number;
  /** Row after the last one to draw. */
  readonly end: number;
  /** Height of everything before `first`, px. */
  readonly offsetPx: number;
  /** Height of the whole list, px. */
  readonly totalPx: number;
}

export interface ListShape {
  readonly count: number;
  readonly rowPx: number;
  /** Index of the open row, or -1. */
  readonly openIndex: number;
  /** What the open row adds to its own height, px. */
  readonly openPx: number;
}

/** Rows drawn beyond each edge, so that a quick scroll shows no gap; at the top, where rows stream by, fewer. */
const OVERSCAN = 6;
const OVERSCAN_AT_TOP = 2;

/** The rows between `scrollTop` and `scrollTop + viewportPx`, and a few around them. */
export function windowOf(shape: ListShape, scrollTop: number, viewportPx: number): ListWindow {
  const extra = isOpen(shape) ? shape.openPx : 0;
  const totalPx = shape.count * shape.rowPx + extra;
  const overscan = scrollTop <= 0 ? OVERSCAN_AT_TOP : OVERSCAN;
  const first = Math.max(0, indexAt(shape, scrollTop) - overscan);
  const end = Math.min(shape.count, indexAt(shape, scrollTop + viewportPx) + 1 + overscan);
  return { first: Math.min(first, end), end, offsetPx: topOf(shape, Math.min(first, end)), totalPx };
}

/** Where a row begins, px from the top of the list. */
export function topOf(shape: ListShape, index: number): number {
  return index * shape.rowPx + (isOpen(shape) && index > shape.openIndex ? shape.openPx : 0);
}

/** The scroll position nearest to the present one that shows the whole row (its detail too, if that fits). */
export function scrollToShow(
  shape: ListShape,
  index: number,
  view: { readonly top: number; readonly height: number },
): number {
  const top = topOf(shape, index);
  const height = shape.rowPx + (index === shape.openIndex ? shape.openPx : 0);
  if (top < view.top) return top;
  if (top + height > view.top + view.height) return Math.max(0, Math.min(top, top + height - view.height));
  return view.top;
}

function indexAt(shape: ListShape, px: number): number {
  if (!isOpen(shape)) return Math.floor(px / shape.rowPx);
  const openEndsAt = (shape.openIndex + 1) * shape.rowPx + shape.openPx;
  if (px >= openEndsAt) return Math.floor((px - shape.openPx) / shape.rowPx);
  return Math.min(Math.floor(px / shape.rowPx), shape.openIndex);
}

function isOpen(shape: ListShape): boolean {
  return shape.openIndex >= 0 && shape.openIndex < shape.count;
}
