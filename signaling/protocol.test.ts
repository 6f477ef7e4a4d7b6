import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  CLOSE_CODES,
  closeName,
  decodeClientMessage,
  decodeServerMessage,
  encodeClientMessage,
  encodeServerMessage,
  geometryNamedIn,
  ID_BYTES,
  isRoom,
  loginProof,
  SIGNAL_HEADER_BYTES,
  SIGNATURE_BYTES,
  type ClientMessage,
  type ServerMessage,
  wrongGeometrySentence,
} from './protocol.ts';

const numRuns = process.env['HOPLINE_LONG'] === '1' ? 100_000 : 5_000;

const bytes = (count: number) => fc.uint8Array({ minLength: count, maxLength: count });
const id = bytes(ID_BYTES);
const data = fc.uint8Array({ minLength: 1, maxLength: 700 });
const geometry = fc.constantFrom('kademlia' as const, 'chord' as const);
const room = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }).filter(isRoom);
const iceServer = fc.record(
  {
    urls: fc.constantFrom('stun:a.example:3478', ['turn:b.example?transport=udp', 'turns:b.example']),
    username: fc.string(),
    credential: fc.string(),
  },
  { requiredKeys: ['urls'], noNullPrototype: true },
);

const clientMessage: fc.Arbitrary<ClientMessage> = fc.oneof(
  fc.record({
    type: fc.constant('login' as const),
    publicKey: id,
    signature: bytes(SIGNATURE_BYTES),
    room,
    geometry,
    host: fc.constantFrom('localhost:8080', 'hop.example'),
  }),
  fc.constant({ type: 'introduce' as const }),
  fc.record({ type: fc.constant('signal' as const), to: id, data }),
);

const serverMessage: fc.Arbitrary<ServerMessage> = fc.oneof(
  fc.record({ type: fc.constant('hello' as const), version: fc.nat(), nonce: id }),
  fc.record({
    type: fc.constant('welcome' as const),
    geometry,
    iceServers: fc.array(iceServer, { maxLength: 3 }),
    introductions: fc.array(id, { maxLength: 4 }),
  }),
  fc.record({ type: fc.constant('introductions' as const), ids: fc.array(id, { maxLength: 4 }) }),
  fc.record({ type: fc.constant('signal' as const), from: id, data }),
  fc.record({ type: fc.constant('undeliverable' as const), to: id }),
  fc.record({
    type: fc.constant('error' as const),
    code: fc.constantFrom('malformed' as const, 'too-fast' as const),
    problem: fc.string(),
  }),
);

/** Valid messages with bytes changed, cut or added: what a careless or hostile peer sends. */
function damaged(valid: fc.Arbitrary<string | Uint8Array>): fc.Arbitrary<string | Uint8Array> {
  return fc
    .tuple(valid, fc.nat(), fc.nat(255), fc.constantFrom('change', 'cut', 'add'))
    .map(([good, at, byte, how]) => {
      const text = typeof good === 'string';
      const source = text ? new TextEncoder().encode(good) : good;
      const place = at % Math.max(1, source.length);
      const bad = how === 'cut' ? source.slice(0, place) : source.slice();
      if (how === 'change') bad[place] = byte;
      const longer = how === 'add' ? Uint8Array.of(...source, byte) : bad;
      return text ? new TextDecoder().decode(longer) : longer;
    });
}

const rubbish = fc.oneof(
  fc.string(),
  fc.json(),
  fc.uint8Array({ maxLength: 100 }),
  fc
    .tuple(fc.constantFrom(0, 1, 2, 3), fc.uint8Array({ maxLength: 70 }))
    .map(([kind, rest]) => Uint8Array.of(kind, ...rest)),
  fc
    .record({
      type: fc.constantFrom('login', 'introduce', 'hello', 'welcome', '__proto__', 'x'),
      room: fc.anything(),
    })
    .map((value) => JSON.stringify(value)),
);

describe('encoding and decoding', () => {
  test('[SG2] every client message reads back as it was', () => {
    fc.assert(
      fc.property(clientMessage, (message) => {
        expect(decodeClientMessage(encodeClientMessage(message))).toEqual({ ok: true, message });
      }),
    );
  });

  test('[SG2] every server message reads back as it was', () => {
    fc.assert(
      fc.property(serverMessage, (message) => {
        expect(decodeServerMessage(encodeServerMessage(message))).toEqual({ ok: true, message });
      }),
    );
  });

  test('[SG2] a signal is the kind, the id and the untouched data', () => {
    const to = new Uint8Array(ID_BYTES).fill(7);
    const encoded = encodeClientMessage({ type: 'signal', to, data: Uint8Array.of(9, 8) });
    expect(encoded).toEqual(Uint8Array.of(1, ...to, 9, 8));
    expect(encodeServerMessage({ type: 'undeliverable', to })).toEqual(Uint8Array.of(2, ...to));
  });

  test(
    '[SG3] damaged and random input gives a message or a reason, never an exception',
    { timeout: 300_000 },
    () => {
      const fromClient = fc.oneof(damaged(clientMessage.map(encodeClientMessage)), rubbish);
      const fromServer = fc.oneof(damaged(serverMessage.map(encodeServerMessage)), rubbish);
      fc.assert(
        fc.property(fromClient, fromServer, (a, b) => {
          for (const decoded of [decodeClientMessage(a), decodeServerMessage(b)]) {
            if (!decoded.ok) expect(decoded.problem.length).toBeLessThan(100);
            else if ('room' in decoded.message) expect(isRoom(decoded.message.room)).toBe(true);
          }
        }),
        { numRuns },
      );
    },
  );

  test('[SG3] deep nesting and huge numbers are malformed, not fatal', () => {
    for (const text of [
      '['.repeat(16_000),
      `{"type":${'['.repeat(8_000)}`,
      '{"type":1e999}',
      'null',
      '[]',
      '"x"',
    ]) {
      expect(decodeClientMessage(text)).toMatchObject({ ok: false, code: 'malformed' });
    }
  });

  test('[SG3] a frame without data, or of another kind, is malformed', () => {
    const frame = new Uint8Array(SIGNAL_HEADER_BYTES + 1);
    frame[0] = 1;
    expect(decodeClientMessage(frame).ok).toBe(true);
    expect(decodeClientMessage(frame.subarray(0, SIGNAL_HEADER_BYTES)).ok).toBe(false);
    frame[0] = 2;
    expect(decodeClientMessage(frame).ok).toBe(false);
    expect(decodeServerMessage(frame).ok).toBe(false);
    expect(decodeServerMessage(frame.subarray(0, SIGNAL_HEADER_BYTES)).ok).toBe(true);
  });

  test('[SG4] the server refuses unknown fields, the client reads over them', () => {
    expect(decodeClientMessage('{"type":"introduce","more":1}').ok).toBe(false);
    expect(decodeServerMessage('{"type":"introductions","ids":[],"more":1}').ok).toBe(true);
    expect(decodeClientMessage('{"type":"dance"}')).toMatchObject({ ok: false, code: 'unknown-type' });
  });
});

describe('logging in', () => {
  test('[SG5] different claims never sign the same bytes, and all begin with the domain', () => {
    const claim = fc.record({ nonce: id, room, geometry, host: fc.string({ minLength: 1, maxLength: 8 }) });
    fc.assert(
      fc.property(claim, claim, (a, b) => {
        const [first, second] = [loginProof(a), loginProof(b)];
        expect(new TextDecoder().decode(first.subarray(0, 19))).toBe('hopline/signaling/1');
        expect(Buffer.compare(first, second) === 0).toBe(JSON.stringify(a) === JSON.stringify(b));
      }),
    );
    // The same letters, cut at another place.
    const nonce = new Uint8Array(ID_BYTES);
    const one = loginProof({ nonce, room: 'a', geometry: 'kademlia', host: 'bc' });
    expect(one).not.toEqual(loginProof({ nonce, room: 'ab', geometry: 'kademlia', host: 'c' }));
  });

  test('[SG6] a room has 1 to 64 characters and no unpaired surrogate', () => {
    expect(['x', 'x'.repeat(64), 'Küche 🐇'].map(isRoom)).toEqual([true, true, true]);
    expect(['🐇'.repeat(64), '🐇'.repeat(65), 'x'.repeat(100_000)].map(isRoom)).toEqual([true, false, false]);
    expect(['', 'x'.repeat(65), '\ud83d'].map(isRoom)).toEqual([false, false, false]);
  });
});

test('[SG16] close codes are all different and find their names', () => {
  const codes = Object.values(CLOSE_CODES).map(({ code }) => code);
  expect(new Set(codes).size).toBe(codes.length);
  for (const [name, { code }] of Object.entries(CLOSE_CODES)) expect(closeName(code)).toBe(name);
  expect(closeName(1006)).toBeUndefined();
});

test('[SG10] the sentence of a refusal names the geometry; no other text does', () => {
  for (const name of ['kademlia', 'chord'] as const)
    expect(geometryNamedIn(wrongGeometrySentence(name))).toBe(name);
  fc.assert(fc.property(fc.string(), (text) => geometryNamedIn(text) === undefined));
  for (const { sentence } of Object.values(CLOSE_CODES)) expect(geometryNamedIn(sentence)).toBeUndefined();
});
