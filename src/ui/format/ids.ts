/** How ids look: shortened text, and the three coloured bars that help eyes match a row to a dot. Pure. */

import type { Id } from '../../session/api.ts';

/** Colours in the palette of `tokens.css`: `--id-0` to `--id-11`. */
export const ID_COLOURS = 12;

/** The first and last four digits of an id: `3f2a…9c1d`. Text of up to nine characters stays whole. */
export function shortId(id: Id): string {
  return id.length <= 9 ? id : `${id.slice(0, 4)}…${id.slice(-4)}`;
}

/** Palette indexes of the three bars of an id, from its first three bytes. Anything but hexadecimal counts as 0. */
export function idColours(id: Id): readonly [number, number, number] {
  return [colourAt(id, 0), colourAt(id, 2), colourAt(id, 4)];
}

/** True for 64 hexadecimal digits in either case. */
export function isFullId(text: string): boolean {
  return /^[0-9a-f]{64}$/i.test(text);
}

function colourAt(id: Id, start: number): number {
  const byte = Number.parseInt(id.slice(start, start + 2), 16);
  return Number.isNaN(byte) ? 0 : byte % ID_COLOURS;
}
