/** Payloads as text for the screen: text as it is, plain data as JSON, bytes as hexadecimal. Pure, never throws. */

import type { Payload, PlainData } from '../../session/api.ts';

/** Characters of a payload shown before it is cut. */
const CHARACTERS_MAX = 4_000;

/** The payload as text of at most `charactersMax` characters, with a note of what was cut. */
export function formatPayload(payload: Payload | undefined, charactersMax: number = CHARACTERS_MAX): string {
  if (payload === undefined) return '';
  const text = typeof payload === 'string' ? payload : toText(payload);
  if (text.length <= charactersMax) return text;
  return `${text.slice(0, charactersMax)}… (${text.length - charactersMax} more characters)`;
}

/** Bytes as pairs of hexadecimal digits, the first `countMax` of them. */
export function formatHex(bytes: Uint8Array, countMax: number): string {
  const pairs = Array.from(bytes.subarray(0, countMax), (byte) => byte.toString(16).padStart(2, '0'));
  return pairs.join(' ') + (bytes.length > countMax ? ' …' : '');
}

function toText(payload: PlainData): string {
  if (payload instanceof Uint8Array) return bytesText(payload);
  return (
    JSON.stringify(payload, (_name, value: unknown) => {
      if (value instanceof Uint8Array) return bytesText(value);
      if (typeof value === 'bigint') return String(value);
      return value;
    }) ?? ''
  );
}

function bytesText(bytes: Uint8Array): string {
  return `${bytes.length} bytes: ${formatHex(bytes, 64)}`;
}
