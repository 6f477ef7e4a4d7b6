/**
 * Ids: points of the key space. A node id and a key are the same kind of value, any number of bytes long,
 * big-endian, and they are compared as bytes: folding a distance into a number would lose all but 53 bits.
 * Rules ID1-ID3.
 */

declare const nodeIdBrand: unique symbol;
declare const mapKeyBrand: unique symbol;

/** A point of the key space: a node's id or a key. 32 bytes on the wire; tests also use 1 and 8. Never written to. */
export type NodeId = Uint8Array & { readonly [nodeIdBrand]: true };

/** An id packed into a string of 16-bit units, for use as a `Map` key. Opaque; equal ids give equal strings. */
export type MapKey = string & { readonly [mapKeyBrand]: true };

/** Bytes in an id on the wire. */
export const ID_BYTES = 32;

/** Marks bytes as an id without copying. The caller must not write to them afterwards. */
export function asNodeId(bytes: Uint8Array): NodeId {
  return bytes as NodeId;
}

/** The id as a `Map` key. Costs about 50 ns for 32 bytes, so keep it beside long-lived ids. */
export function mapKey(id: Uint8Array): MapKey {
  if (id.length === 32) return mapKeyAt32(id);
  let text = '';
  for (let i = 0; i < id.length; i += 2) text += String.fromCharCode((id[i]! << 8) | (id[i + 1] ?? 0));
  return `${text}${id.length & 1}` as MapKey;
}

function mapKeyAt32(b: Uint8Array): MapKey {
  return String.fromCharCode(
    (b[0]! << 8) | b[1]!,
    (b[2]! << 8) | b[3]!,
    (b[4]! << 8) | b[5]!,
    (b[6]! << 8) | b[7]!,
    (b[8]! << 8) | b[9]!,
    (b[10]! << 8) | b[11]!,
    (b[12]! << 8) | b[13]!,
    (b[14]! << 8) | b[15]!,
    (b[16]! << 8) | b[17]!,
    (b[18]! << 8) | b[19]!,
    (b[20]! << 8) | b[21]!,
    (b[22]! << 8) | b[23]!,
    (b[24]! << 8) | b[25]!,
    (b[26]! << 8) | b[27]!,
    (b[28]! << 8) | b[29]!,
    (b[30]! << 8) | b[31]!,
  ) as MapKey;
}

/** Lower-case hexadecimal, two digits a byte. */
export function toHex(id: Uint8Array): string {
  let text = '';
  for (const byte of id) text += HEX[byte]!;
  return text;
}

/** The bytes of an even-length hexadecimal text of either case, or `undefined` when it is not one. */
export function fromHex(text: string): NodeId | undefined {
  if (text.length === 0 || text.length % 2 !== 0 || !/^[0-9a-f]+$/i.test(text)) return undefined;
  const bytes = new Uint8Array(text.length / 2);
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(text.slice(2 * i, 2 * i + 2), 16);
  return asNodeId(bytes);
}

/** True when both have the same bytes. */
export function sameId(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** Orders ids as big-endian numbers: negative when `a` comes first, 0 when equal. Lengths must match. */
export function compareIds(a: Uint8Array, b: Uint8Array): number {
  for (let i = 0; i < a.length; i++) {
    const difference = a[i]! - b[i]!;
    if (difference !== 0) return difference;
  }
  return 0;
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));
