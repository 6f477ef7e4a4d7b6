import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { toHex } from '../core/id/node-id.ts';
import type { OverlayOptions } from './api.ts';
import { toKey, toNodeId } from './keys.ts';
import { openOverlay } from './open-overlay.ts';
import { checkLookupOptions, checkOptions, checkSendOptions } from './options.ts';
import { reasonText } from './reasons.ts';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

describe('keys', () => {
  test('[KY1] 64 hex digits and 32 bytes are ids, other text is hashed, { text } forces hashing', () => {
    const id = 'Ab'.repeat(32);
    expect(toHex(toKey(id))).toBe(id.toLowerCase());
    expect(toHex(toKey(new Uint8Array(32).fill(9)))).toBe('09'.repeat(32));
    expect(toHex(toKey('hello'))).toBe(sha256('hello'));
    expect(toHex(toKey('ab'.repeat(31)))).toBe(sha256('ab'.repeat(31)));
    expect(toHex(toKey({ text: id }))).toBe(sha256(id));
    expect(toHex(toKey('Grüße 🦑'))).toBe(sha256('Grüße 🦑'));
  });

  test('[KY2] anything else is a TypeError, nothing else escapes', () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        for (const convert of [toKey, toNodeId]) {
          try {
            expect(convert(value as never).length).toBe(32);
          } catch (error) {
            expect(error).toBeInstanceOf(TypeError);
          }
        }
      }),
    );
    expect(() => toNodeId('hello')).toThrow(/64 hexadecimal/);
  });
});

describe('options', () => {
  test('[OP1] what is left out has its default', () => {
    expect(checkOptions({ room: 'r' })).toEqual({
      room: 'r',
      signaling: undefined,
      geometry: 'kademlia',
      iceServers: undefined,
      storage: 'persistent',
      bucketSize: 8,
      successors: 16,
      linksMax: 48,
      siblings: 8,
      timeoutMs: 10_000,
      admissionBits: 0,
    });
    expect(checkOptions({ room: 'r', geometry: 'chord' }).geometry).toBe('chord');
    expect(checkSendOptions(undefined, 7, 'direct')).toEqual({
      timeoutMs: 7,
      receipt: true,
      hopLimit: undefined,
    });
  });

  test('[OP2] each option has its range, and the complaint names it', () => {
    const wrong: [Partial<Record<keyof OverlayOptions, unknown>>, RegExp][] = [
      [{ room: '' }, /room/],
      [{ room: 'x'.repeat(65) }, /room/],
      [{ room: 7 }, /room/],
      [{ signaling: 'http://example.org' }, /ws:/],
      [{ bucketSize: 0 }, /bucketSize/],
      [{ bucketSize: 65 }, /bucketSize/],
      [{ successors: 0 }, /successors/],
      [{ linksMax: 1.5 }, /linksMax/],
      [{ siblings: -1 }, /siblings/],
      [{ storage: 'cloud' }, /storage/],
      [{ geometry: 'pastry' }, /geometry is "kademlia" or "chord"/],
      [{ iceServers: 'stun:x' }, /iceServers/],
      [{ iceServers: [null] }, /iceServers.* entry 0 /],
      [{ iceServers: [{ urls: 'stun:a' }, { urls: 'bogus:1' }] }, /iceServers.* entry 1 .*stun:/],
      [{ iceServers: [{ urls: [] }] }, /iceServers/],
      [{ iceServers: [{ urls: ['stun:a', 7] }] }, /iceServers/],
      [{ iceServers: [{ urls: 'stun:' }] }, /iceServers/],
      [{ iceServers: [{ urls: 'turn:a', username: 'u' }] }, /iceServers.*credential/],
      [{ iceServers: [{ urls: 'turns:a', username: 'u', credential: 5 }] }, /iceServers.*credential/],
      [{ timeoutMs: 60_001 }, /timeoutMs/],
      [{ rom: 'x' } as never, /rom/],
    ];
    for (const [options, complaint] of wrong) {
      expect(() => checkOptions({ room: 'r', ...options } as never)).toThrow(complaint);
    }
    expect(() => checkOptions(undefined as never)).toThrow(TypeError);
  });

  test('[OP4] ICE servers that a browser takes pass', () => {
    const iceServers = [
      { urls: 'stun:a.example:3478' },
      { urls: ['turn:b.example?transport=tcp', 'turns:[::1]:5349'], username: 'u', credential: 'c' },
    ];
    expect(checkOptions({ room: 'r', iceServers }).iceServers).toEqual(iceServers);
    expect(checkOptions({ room: 'r', iceServers: [] }).iceServers).toEqual([]);
  });

  test('[OP5] a message, a broadcast and a lookup refuse options they do not have, and name those they have', () => {
    const wrong = { timeout: 5 } as never;
    expect(() => checkSendOptions(wrong, 7, 'direct')).toThrow(
      'A message has no option "timeout". There are: timeoutMs, receipt, hopLimit, routes.',
    );
    expect(() => checkSendOptions(wrong, 7, 'broadcast')).toThrow(/"timeout".*scope/);
    expect(() => checkSendOptions({ scope: 'neighbours' } as never, 7, 'closest')).toThrow(/"scope"/);
    expect(() => checkSendOptions(5 as never, 7, 'closest')).toThrow(TypeError);
    expect(() => checkLookupOptions(wrong, 7)).toThrow(
      'A lookup has no option "timeout". There are: timeoutMs.',
    );
    expect(checkLookupOptions(undefined, 7)).toBe(7);
  });

  test('[OP3] openOverlay rejects on misuse, and with a sentence where there is no WebRTC', async () => {
    await expect(openOverlay({ room: '' })).rejects.toThrow(TypeError);
    await expect(openOverlay({ room: 'r' })).rejects.toThrow(/WebRTC/);
  });
});

test('[RE1] every reason is a sentence that says more than its code', () => {
  for (const code of [
    'timeout',
    'unreachable',
    'not-linked',
    'no-reply',
    'too-large',
    'overloaded',
    'hop-limit',
    'rejected',
    'not-member',
    'left',
  ] as const) {
    expect(reasonText(code)).toMatch(/^[A-Z].{30,}\.$/);
  }
});
