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

function toText(data: PlainData): string {
  if (data instanceof Uint8Array) return bytesText(data);
  return dataText(data);
}

/** As JSON, but for what JSON cannot say: numbers that are none stand as they are called, bytes as text. */
function dataText(data: PlainData): string {
  if (typeof data === 'number') return String(data);
  if (data instanceof Uint8Array) return JSON.stringify(bytesText(data));
  if (Array.isArray(data)) return `[${data.map(dataText).join(',')}]`;
  if (typeof data !== 'object' || data === null) return JSON.stringify(data) ?? '';
  return `{${Object.entries(data)
    .map(([name, value]) => `${JSON.stringify(name)}:${dataText(value)}`)
    .join(',')}}`;
}

function bytesText(bytes: Uint8Array): string {
  return `${bytes.length} bytes: ${formatHex(bytes, 64)}`;
}
