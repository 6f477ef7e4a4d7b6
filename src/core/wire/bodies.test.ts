/** Answers, contact records, envelopes and payloads: what is written comes back, what does not fit reads as `undefined`. */

import { describe, expect, test } from 'vitest';
import { createKeys, idOfKey, keysOf, verify } from '../../test-support/keys.ts';
import { SeededRandom } from '../../test-support/seeded-random.ts';
import { readAnswer, SIBLINGS_MAX, writeAnswer, type Answer } from './answer.ts';
import { decodePayload, encodePayload, PAYLOAD_DEPTH_MAX } from './codec.ts';
import { CONTACT_BYTES, contactProof, decodeContact } from './contact.ts';
import { readEnvelope, SIGNAL_BYTES_MAX, writeEnvelope } from './envelope.ts';

const random = new SeededRandom(3);
const keys = createKeys(random);
const ports = { idOfKey };
const answer: Answer = {
  code: 'ok',
  onTheWay: false,
  complete: true,
  hops: 3,
  ruledOut: [random.bytes(7), random.bytes(7)],
  record: keys.record,
  bodyHash: random.bytes(32),
  siblings: Array.from({ length: SIBLINGS_MAX }, () => createKeys(random).record),
  payload: Uint8Array.of(1, 2),
};

function nested(depth: number): unknown {
  return depth === 0 ? 1 : [nested(depth - 1)];
}

describe('answers', () => {
  test('[WR17] every field comes back, with up to eight siblings', () => {
    expect(readAnswer(writeAnswer(answer))).toEqual(answer);
    const bytes = writeAnswer({ ...answer, siblings: [...answer.siblings, keys.record] });
    expect(readAnswer(bytes)).toBeUndefined();
    expect(readAnswer(writeAnswer(answer).subarray(0, 170))).toBeUndefined();
  });

  test('[WR18] an empty payload differs from none, and nothing follows an answer without one', () => {
    expect(readAnswer(writeAnswer({ ...answer, payload: new Uint8Array(0) }))!.payload).toEqual(
      new Uint8Array(0),
    );
    const none = writeAnswer({ ...answer, payload: undefined });
    expect(readAnswer(none)!.payload).toBeUndefined();
    expect(readAnswer(Buffer.concat([none, Uint8Array.of(0)]))).toBeUndefined();
  });

  test('[WR17] unknown codes and flags are refused', () => {
    for (const [at, value] of [
      [0, 7],
      [1, 8],
    ] as const) {
      const bytes = writeAnswer(answer);
      bytes[at] = value;
      expect(readAnswer(bytes)).toBeUndefined();
    }
  });
});

describe('contact records', () => {
  test('[ID4] the id follows from the signing key, whatever else the record says', () => {
    const contact = decodeContact(keys.record, ports)!;
    expect(contact.id).toEqual(idOfKey(keys.signingKey));
    expect(contact.sealingKey).toEqual(keys.sealingKey);
    const other = Uint8Array.from(keys.record);
    other[6]! ^= 1;
    expect(decodeContact(other, ports)!.id).not.toEqual(contact.id);
    expect(verify(contactProof(contact))).toBe(true);
    expect(verify(contactProof(decodeContact(other, ports)!))).toBe(false);
  });

  test('[ID5] another length, version or geometry reads as undefined', () => {
    expect(keys.record.length).toBe(CONTACT_BYTES);
    expect(decodeContact(keys.record.subarray(1), ports)).toBeUndefined();
    expect(decodeContact(Buffer.concat([keys.record, Uint8Array.of(0)]), ports)).toBeUndefined();
    for (const [at, value] of [
      [0, 2],
      [1, 0],
      [1, 3],
    ] as const) {
      const bytes = Uint8Array.from(keys.record);
      bytes[at] = value;
      expect(decodeContact(bytes, ports)).toBeUndefined();
    }
    expect(decodeContact(keysOf(keys.signingKey, 1, 'chord').record, ports)!.geometry).toBe('chord');
  });

  test('[ID6] a record is version, geometry, sequence, two keys and a signature: no room for an address', () => {
    expect(CONTACT_BYTES).toBe(1 + 1 + 4 + 32 + 32 + 64);
    expect(decodeContact(keysOf(keys.signingKey, 2 ** 32 - 1).record, ports)!.sequence).toBe(2 ** 32 - 1);
  });
});

describe('envelopes', () => {
  const envelope = {
    type: 'offer',
    joining: true,
    attempt: random.bytes(8),
    record: keys.record,
    data: random.bytes(9),
  } as const;

  test('[WR20] every field comes back; unknown versions, types and flags are refused', () => {
    expect(readEnvelope(writeEnvelope(envelope))).toEqual(envelope);
    for (const [at, value] of [
      [0, 2],
      [1, 5],
      [2, 2],
    ] as const) {
      const bytes = writeEnvelope(envelope);
      bytes[at] = value;
      expect(readEnvelope(bytes)).toBeUndefined();
    }
    expect(readEnvelope(writeEnvelope({ ...envelope, data: new Uint8Array(0) }).subarray(1))).toBeUndefined();
  });

  test('[WR21] a signal of 8 KiB is read, one byte more is not', () => {
    expect(
      readEnvelope(writeEnvelope({ ...envelope, data: new Uint8Array(SIGNAL_BYTES_MAX) })),
    ).toBeDefined();
    expect(
      readEnvelope(writeEnvelope({ ...envelope, data: new Uint8Array(SIGNAL_BYTES_MAX + 1) })),
    ).toBeUndefined();
  });

  test('[WR22] what was read keeps no hold on the bytes it came in', () => {
    const bytes = writeEnvelope(envelope);
    const read = readEnvelope(bytes);
    bytes.fill(0);
    expect(read).toEqual(envelope);
  });
});

describe('payloads', () => {
  test('[WR23] the same value gives the same bytes, whatever the order of its fields', () => {
    expect(encodePayload({ a: 1, b: [true, null, 'x'] })).toEqual(
      encodePayload({ b: [true, null, 'x'], a: 1 }),
    );
    expect(decodePayload(encodePayload({ b: Uint8Array.of(1), a: 2.5 })!)).toEqual({
      a: 2.5,
      b: Uint8Array.of(1),
    });
  });

  test('[WR24] only plain data goes in', () => {
    const cycle: unknown[] = [];
    cycle.push(cycle);
    const odd = [
      undefined,
      1n,
      (): number => 1,
      Symbol('x'),
      new Date(0),
      new Map(),
      { a: undefined },
      cycle,
    ];
    for (const value of odd) expect(encodePayload(value)).toBeUndefined();
    expect(encodePayload(nested(PAYLOAD_DEPTH_MAX))).toBeDefined();
    expect(encodePayload(nested(PAYLOAD_DEPTH_MAX + 1))).toBeUndefined();
  });

  test('[WR24] only canonical plain data comes out', () => {
    const refused: Record<string, number[]> = {
      'a number in more bytes than it needs': [0x18, 0x01],
      'an indefinite list': [0x9f, 0xff],
      undefined: [0xf7],
      'a number beyond 2^53': [0x1b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
      'a key twice': [0xa2, 0x61, 0x61, 1, 0x61, 0x61, 2],
      'a tag': [0xc1, 0x01],
      'two values': [1, 2],
      nothing: [],
      'deep nesting': [...Array.from({ length: PAYLOAD_DEPTH_MAX + 1 }, () => 0x81), 1],
      'nesting beyond the stack': Array.from({ length: 60_000 }, () => 0x81),
    };
    for (const [name, bytes] of Object.entries(refused))
      expect(decodePayload(Uint8Array.from(bytes)), name).toBeUndefined();
  });
});
