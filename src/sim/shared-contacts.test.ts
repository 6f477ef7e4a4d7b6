/** Goal: contacts are shared by exactly the bytes of their records. Method: records of simulated nodes. */

import { expect, test } from 'vitest';
import { BROWSER } from '../core/config.ts';
import { asNodeId } from '../core/id/node-id.ts';
import { idOfKey, SimCrypto } from './crypto.ts';
import { decodeContact } from '../core/wire/contact.ts';
import { SeededRandom } from './random.ts';
import { SharedContacts } from './shared-contacts.ts';
import { createSimNode } from './sim-node.ts';

const random = new SeededRandom(1, 0);
const crypto = new SimCrypto(1);
const recordOf = (id: Uint8Array): Uint8Array =>
  createSimNode({ index: 0, id: asNodeId(id), config: BROWSER, contacts: undefined }, crypto).record;

test('equal records give one and the same contact, which reads as it would by itself', () => {
  const shared = new SharedContacts();
  const record = recordOf(random.bytes(32));
  shared.add(record);
  const contact = shared.get(record.slice());
  expect(contact).toEqual(decodeContact(record, { idOfKey }));
  expect(shared.get(record)).toBe(contact);
});

test('any altered byte, another length or an unknown node gives nothing', () => {
  const shared = new SharedContacts();
  const record = recordOf(random.bytes(32));
  shared.add(record);
  for (let at = 0; at < record.length; at++) {
    const altered = record.slice();
    altered[at]! ^= 1;
    expect(shared.get(altered), `byte ${at}`).toBeUndefined();
  }
  expect(shared.get(record.subarray(1))).toBeUndefined();
  expect(shared.get(recordOf(random.bytes(32)))).toBeUndefined();
});

test('of two nodes whose ids begin alike the second is not shared, and never taken for the first', () => {
  const shared = new SharedContacts();
  const first = random.bytes(32);
  const second = first.map((byte, i) => (i < 4 ? byte : byte ^ 1));
  shared.add(recordOf(first));
  shared.add(recordOf(second));
  expect(shared.get(recordOf(first))?.id).toEqual(first);
  expect(shared.get(recordOf(second))).toBeUndefined();
});
