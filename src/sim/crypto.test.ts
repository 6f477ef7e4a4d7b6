import { expect, test } from 'vitest';
import { asNodeId } from '../core/id/node-id.ts';
import { contactProof, decodeContact } from '../core/wire/contact.ts';
import { BROWSER } from '../core/config.ts';
import { idOfKey, quickHash, SimCrypto } from './crypto.ts';
import { SeededRandom } from './random.ts';
import { createSimNode } from './sim-node.ts';

const crypto = new SimCrypto(5);
const random = new SeededRandom(5, 0);

test('a signature verifies for its key and bytes and for nothing else', () => {
  for (let length = 0; length < 70; length++) {
    const publicKey = random.bytes(32);
    const bytes = random.bytes(length);
    const signature = crypto.sign(publicKey, bytes);
    expect(signature).toHaveLength(64);
    expect(crypto.verify({ publicKey, bytes, signature })).toBe(true);
    expect(crypto.verify({ publicKey: random.bytes(32), bytes, signature })).toBe(false);
    expect(crypto.verify({ publicKey, bytes: random.bytes(length + 1), signature })).toBe(false);
    expect(crypto.verify({ publicKey, bytes, signature: random.bytes(64) })).toBe(false);
    expect(crypto.verify({ publicKey, bytes, signature: signature.subarray(1) })).toBe(false);
    for (let at = 0; at < length; at++) {
      const altered = bytes.slice();
      altered[at]! ^= 1 << random.below(8);
      expect(crypto.verify({ publicKey, bytes: altered, signature })).toBe(false);
    }
  }
});

test('who does not know the secret cannot sign', () => {
  const publicKey = random.bytes(32);
  const bytes = random.bytes(20);
  const signature = new SimCrypto(6).sign(publicKey, bytes);
  expect(crypto.verify({ publicKey, bytes, signature })).toBe(false);
});

test('only the receiver opens what was sealed, and only unaltered', () => {
  const id = asNodeId(random.bytes(32));
  const keys = { id, sealingKey: crypto.sealingKeyOf(id) };
  const other = asNodeId(random.bytes(32));
  const text = random.bytes(300);
  const sealed = crypto.answer({ type: 'seal', sealingKey: keys.sealingKey, bytes: text }, keys);
  if (sealed.type !== 'sealed') throw new Error('not sealed');
  expect(crypto.answer({ type: 'open', bytes: sealed.bytes }, keys)).toEqual({ type: 'opened', bytes: text });
  const strangers = { id: other, sealingKey: crypto.sealingKeyOf(other) };
  expect(crypto.answer({ type: 'open', bytes: sealed.bytes }, strangers)).toEqual({ type: 'failed' });
  const altered = sealed.bytes.slice();
  altered[200]! ^= 1;
  expect(crypto.answer({ type: 'open', bytes: altered }, keys)).toEqual({ type: 'failed' });
  expect(crypto.answer({ type: 'open', bytes: new Uint8Array(3) }, keys)).toEqual({ type: 'failed' });
});

test('a simulated node’s record is one that the core accepts, with the id that was chosen', () => {
  const id = asNodeId(random.bytes(32));
  const node = createSimNode({ index: 0, id, config: BROWSER, contacts: undefined }, crypto);
  const contact = decodeContact(node.record, { idOfKey });
  expect(contact?.id).toEqual(id);
  expect(contact?.sealingKey).toEqual(node.sealingKey);
  expect(contact !== undefined && crypto.verify(contactProof(contact))).toBe(true);
});

test('digests have 32 bytes and differ when any byte does', () => {
  const seen = new Set<string>();
  const bytes = random.bytes(40);
  for (let at = 0; at < 40; at++) {
    for (let bit = 0; bit < 8; bit++) {
      const altered = bytes.slice();
      altered[at]! ^= 1 << bit;
      const digest = quickHash(altered);
      expect(digest).toHaveLength(32);
      seen.add(digest.join());
    }
  }
  expect(seen.size).toBe(320);
});
