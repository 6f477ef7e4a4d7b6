import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatCandidate, parseCandidate, type Candidate } from './candidate.ts';
import { buildSdp, parseDescription, type SessionDescription } from './session-description.ts';
import { CANDIDATES_MAX, decodeSignal, encodeSignal, SIGNAL_BYTES_MAX, type Signal } from './signal-codec.ts';

/** What Chromium 156 offers for one data channel, addresses replaced by documentation ones. */
const CHROMIUM_OFFER = [
  'v=0',
  'o=- 2811537137281417340 2 IN IP4 127.0.0.1',
  's=-',
  't=0 0',
  'a=group:BUNDLE 0',
  'a=extmap-allow-mixed',
  'a=msid-semantic: WMS',
  'm=application 9 UDP/DTLS/SCTP webrtc-datachannel',
  'c=IN IP4 0.0.0.0',
  'a=ice-ufrag:kZ+9',
  'a=ice-pwd:7y/4cQ6jXoYv9p1m0nB3Kd2e',
  'a=ice-options:trickle',
  `a=fingerprint:sha-256 ${Array.from({ length: 32 }, (_, i) => (i * 7 + 3).toString(16).padStart(2, '0').toUpperCase()).join(':')}`,
  'a=setup:actpass',
  'a=mid:0',
  'a=sctp-port:5000',
  'a=max-message-size:262144',
  '',
].join('\r\n');

const LINES = [
  'candidate:842163049 1 udp 1677729535 192.0.2.1 46154 typ srflx raddr 0.0.0.0 rport 0 generation 0 ufrag kZ+9 network-cost 999',
  'candidate:1 1 UDP 2122252543 5a3f2b1c-0d4e-4f60-9a8b-7c6d5e4f3a2b.local 50001 typ host',
  'a=candidate:3 1 udp 2122260223 2001:db8::1:0:5 50002 typ host generation 0',
  'candidate:4 1 udp 41885439 198.51.100.7 3478 typ relay raddr 192.0.2.1 rport 46154',
];

const octets = (count: number): fc.Arbitrary<Uint8Array> =>
  fc.uint8Array({ minLength: count, maxLength: count });
const iceText = (min: number, max: number): fc.Arbitrary<string> =>
  fc
    .array(fc.constantFrom('a', 'b', 'Z', '0', '9', '+', '/'), { minLength: min, maxLength: max })
    .map((letters) => letters.join(''));
const candidate: fc.Arbitrary<Candidate> = fc.record({
  kind: fc.constantFrom('host', 'srflx', 'prflx', 'relay'),
  priority: fc.integer({ min: 1, max: 0xffff_ffff }),
  port: fc.integer({ min: 1, max: 0xffff }),
  address: fc.oneof(
    octets(4).map((bytes) => ({ family: 'ipv4' as const, bytes })),
    octets(16).map((bytes) => ({ family: 'ipv6' as const, bytes })),
    octets(16).map((bytes) => ({ family: 'mdns' as const, bytes })),
  ),
});
const description: fc.Arbitrary<SessionDescription> = fc
  .record({ ufrag: iceText(4, 32), password: iceText(22, 64), fingerprint: octets(32) })
  .chain((rest) =>
    fc.constantFrom(
      { ...rest, type: 'offer', setup: 'actpass' } as const,
      { ...rest, type: 'answer', setup: 'active' } as const,
      { ...rest, type: 'answer', setup: 'passive' } as const,
    ),
  );
const signal: fc.Arbitrary<Signal> = fc.oneof(
  fc.record({ description, candidates: fc.array(candidate, { maxLength: CANDIDATES_MAX }) }),
  fc.record({ candidates: fc.array(candidate, { maxLength: CANDIDATES_MAX }) }),
);

describe('candidates', () => {
  test('[SC1] lines of browsers are read, and written back with the same meaning', () => {
    const read = LINES.map((line) => parseCandidate(line)!);
    expect(read.map(({ kind }) => kind)).toEqual(['srflx', 'host', 'host', 'relay']);
    expect(formatCandidate(read[1]!, 0)).toContain(
      ' 5a3f2b1c-0d4e-4f60-9a8b-7c6d5e4f3a2b.local 50001 typ host',
    );
    expect(formatCandidate(read[2]!, 1)).toContain(' 2001:0db8:0000:0000:0000:0001:0000:0005 50002 ');
    for (const one of read) expect(parseCandidate(formatCandidate(one, 7))).toEqual(one);
  });

  test('[SC2] what cannot serve is left out: TCP, other components, host names, bad numbers', () => {
    const refused = [
      'candidate:1 1 tcp 1518280447 192.0.2.1 9 typ host tcptype active',
      'candidate:1 2 udp 2122260223 192.0.2.1 50000 typ host',
      'candidate:1 1 udp 2122260223 example.org 50000 typ host',
      'candidate:1 1 udp 2122260223 192.0.2.256 50000 typ host',
      'candidate:1 1 udp 2122260223 192.0.2.1 0 typ host',
      'candidate:1 1 udp 2122260223 192.0.2.1 65536 typ host',
      'candidate:1 1 udp 0 192.0.2.1 5000 typ host',
      'candidate:1 1 udp 2122260223 1::2::3 5000 typ host',
      'candidate:1 1 udp 2122260223 1:2:3:4:5:6:7 5000 typ host',
      'candidate:1 1 udp 2122260223 1:2:3:4:5:6:7:8:9 5000 typ host',
      '',
    ];
    for (const line of refused) expect(parseCandidate(line), line).toBeUndefined();
  });

  test('[SC3] every candidate survives text', () => {
    fc.assert(
      fc.property(candidate, (one) => {
        expect(parseCandidate(formatCandidate(one, 3))).toEqual(one);
      }),
    );
  });
});

describe('session descriptions', () => {
  test('[SC4] a browser’s own offer is read', () => {
    const read = parseDescription('offer', CHROMIUM_OFFER)!;
    expect(read).toMatchObject({
      type: 'offer',
      ufrag: 'kZ+9',
      password: '7y/4cQ6jXoYv9p1m0nB3Kd2e',
      setup: 'actpass',
    });
    expect(read.fingerprint[1]).toBe(10);
  });

  test('[SC5] what was built is read as the same, and holds one section of one kind', () => {
    fc.assert(
      fc.property(description, fc.array(candidate, { maxLength: 4 }), (one, candidates) => {
        const sdp = buildSdp(one, candidates);
        expect(parseDescription(one.type, sdp)).toEqual(one);
        expect(sdp.match(/^m=/gm)).toEqual(['m=']);
        expect(sdp.split('\r\n').every((line) => /^[a-z]=[\x20-\x7e]+$/.test(line) || line === '')).toBe(
          true,
        );
      }),
    );
  });

  test('[SC6] a role that does not fit the type, or a missing field, is no description', () => {
    expect(parseDescription('answer', CHROMIUM_OFFER)).toBeUndefined();
    expect(parseDescription('rollback', CHROMIUM_OFFER)).toBeUndefined();
    for (const field of ['ice-ufrag', 'ice-pwd', 'fingerprint', 'setup', 'mid']) {
      const without = CHROMIUM_OFFER.replace(new RegExp(`a=${field}:[^\r]*\r\n`), '');
      expect(parseDescription('offer', without), field).toBeUndefined();
    }
  });
});

describe('signal codec', () => {
  test('[SC7] every signal survives, within its size', () => {
    fc.assert(
      fc.property(signal, (one) => {
        const bytes = encodeSignal(one);
        expect(bytes.length).toBeLessThanOrEqual(SIGNAL_BYTES_MAX);
        expect(decodeSignal(bytes)).toEqual(one);
      }),
    );
    const typical = encodeSignal({
      description: parseDescription('offer', CHROMIUM_OFFER)!,
      candidates: LINES.map((line) => parseCandidate(line)!),
    });
    expect(typical.length).toBeLessThan(150);
  });

  test('[SC8] rubbish and damaged signals never throw, and never smuggle anything into the SDP', () => {
    const damaged = fc.tuple(signal, fc.nat(), fc.nat(255)).map(([one, at, value]) => {
      const bytes = encodeSignal(one);
      bytes[at % bytes.length] = value;
      return bytes;
    });
    const rubbish = fc.uint8Array({ maxLength: 300 }).map((bytes) => {
      if (bytes.length > 0) bytes[0] = (bytes[0]! & 3) | 16;
      return bytes;
    });
    fc.assert(
      fc.property(fc.oneof(damaged, rubbish, fc.uint8Array({ maxLength: 2_000 })), (bytes) => {
        const read = decodeSignal(bytes);
        if (read?.description === undefined) return;
        const sdp = buildSdp(read.description, read.candidates);
        expect(sdp.split('\r\n').length).toBe(16 + read.candidates.length);
        expect(parseDescription(read.description.type, sdp)).toEqual(read.description);
      }),
      { numRuns: 5_000 },
    );
  });

  test('[SC9] limits: too many candidates are cut, one more in the bytes is refused, so is any byte too many', () => {
    const one = parseCandidate(LINES[0]!)!;
    const many = encodeSignal({ candidates: Array.from({ length: CANDIDATES_MAX + 5 }, () => one) });
    expect(decodeSignal(many)!.candidates.length).toBe(CANDIDATES_MAX);
    const above = Uint8Array.from([...many, ...many.subarray(-11)]);
    above[1] = CANDIDATES_MAX + 1;
    expect(decodeSignal(above)).toBeUndefined();
    expect(decodeSignal(Uint8Array.from([...many, 0]))).toBeUndefined();
    expect(decodeSignal(new Uint8Array(SIGNAL_BYTES_MAX + 1).fill(16))).toBeUndefined();
  });
});
