import 'fake-indexeddb/auto';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CONTACT_BYTES, contactProof, decodeContact } from '../core/wire/contact.ts';
import { IdbStorage } from '../storage/idb-storage.ts';
import { MemoryStorage } from '../storage/memory-storage.ts';
import { createCryptoJobs } from './crypto-jobs.ts';
import { idOfKey } from './hash.ts';
import { createIdentity, cryptoProblem, loadIdentity } from './identity.ts';
import { seal, unseal } from './sealing.ts';
import { Verifier } from './verifier.ts';

const pair = (name: string, uses: KeyUsage[], extractable = false): Promise<CryptoKeyPair> =>
  crypto.subtle.generateKey({ name }, extractable, uses) as Promise<CryptoKeyPair>;

const deny = async (): Promise<never> => {
  throw new Error('denied');
};

describe('identity', () => {
  test('[IK1] an identity kept in IndexedDB is the same the next time', async () => {
    const storage = new IdbStorage('identity-a');
    const first = await loadIdentity(storage, 'slot-0', 'kademlia');
    const second = await loadIdentity(new IdbStorage('identity-a'), 'slot-0', 'kademlia');
    const other = await loadIdentity(storage, 'slot-1', 'kademlia');
    expect(first.problem).toBeUndefined();
    expect(second.identity.id).toEqual(first.identity.id);
    expect(second.identity.record).toEqual(first.identity.record);
    expect(other.identity.id).not.toEqual(first.identity.id);
  });

  test('[IK6] opened for another geometry it keeps its id and gets a record of that geometry, signed anew', async () => {
    const storage = new IdbStorage('identity-b');
    const first = await loadIdentity(storage, 'slot-0', 'kademlia');
    for (const geometry of ['chord', 'kademlia', 'chord'] as const) {
      const { identity, problem } = await loadIdentity(storage, 'slot-0', geometry);
      expect(problem).toBeUndefined();
      expect(identity.id).toEqual(first.identity.id);
      const contact = decodeContact(identity.record, { idOfKey })!;
      expect(contact.geometry).toBe(geometry);
      expect(await new Verifier().verify(contactProof(contact))).toBe(true);
    }
  });

  test('[IK2] the record is the owner’s, verifies, and its id follows from the key', async () => {
    const identity = await createIdentity('kademlia');
    expect(identity.record.length).toBe(CONTACT_BYTES);
    const contact = decodeContact(identity.record, { idOfKey })!;
    expect(contact.id).toEqual(identity.id);
    expect(contact.sealingKey).toEqual(identity.sealingKey);
    expect(await new Verifier().verify(contactProof(contact))).toBe(true);
  });

  test('[IK3] whatever lies in storage, a working identity comes out', async () => {
    const a = await pair('Ed25519', ['sign', 'verify']);
    const b = await pair('Ed25519', ['sign', 'verify']);
    const x = await pair('X25519', ['deriveBits']);
    const leaky = await pair('Ed25519', ['sign', 'verify'], true);
    const broken: unknown[] = [
      { version: 1, signing: { publicKey: b.publicKey, privateKey: a.privateKey }, sealing: x },
      { version: 1, signing: leaky, sealing: x },
      { version: 1, signing: x, sealing: x },
      { version: 2, signing: a, sealing: x },
      { version: 1, signing: a },
    ];
    for (const value of broken) {
      const storage = new MemoryStorage();
      await storage.set('slot-0', value);
      const loaded = await loadIdentity(storage, 'slot-0', 'kademlia');
      expect(loaded.problem).toBeUndefined();
      expect((await loadIdentity(storage, 'slot-0', 'kademlia')).identity.id).toEqual(loaded.identity.id);
    }
    await fc.assert(
      fc.asyncProperty(fc.anything(), async (value) => {
        const storage = { get: async () => value, set: async () => {}, remove: async () => {} };
        expect((await loadIdentity(storage, 'slot-0', 'kademlia')).identity.id.length).toBe(32);
      }),
      { numRuns: 200 },
    );
  });

  test('[IK4] a storage that fails gives a fresh identity and says why', async () => {
    const unreadable = await loadIdentity({ get: deny, set: deny, remove: deny }, 'slot-0', 'kademlia');
    expect(unreadable.problem).toMatch(/read its storage/);
    const full = { get: async () => undefined, set: deny, remove: deny };
    expect((await loadIdentity(full, 'slot-0', 'kademlia')).problem).toMatch(/keep keys/);
  });

  test('[IK5] nothing keeps a node from running here', async () => {
    expect(await cryptoProblem()).toBeUndefined();
  });
});

describe('sealing', () => {
  test('[IS1] only the receiver reads what was sealed to it', async () => {
    const alice = await createIdentity('kademlia');
    const bob = await createIdentity('kademlia');
    const text = new TextEncoder().encode('192.0.2.1');
    const sealed = (await seal(alice.sealingKey, text))!;
    expect(sealed.length).toBe(text.length + 48);
    expect(await unseal(alice, sealed)).toEqual(text);
    expect(await unseal(bob, sealed)).toBeUndefined();
    expect(await seal(alice.sealingKey, text)).not.toEqual(sealed);
  });

  test('[IS2] a text altered anywhere does not open; neither does rubbish', async () => {
    const alice = await createIdentity('kademlia');
    const sealed = (await seal(alice.sealingKey, new Uint8Array(20)))!;
    for (let at = 0; at < sealed.length; at += 7) {
      const altered = sealed.slice();
      altered[at]! ^= 1;
      expect(await unseal(alice, altered)).toBeUndefined();
    }
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
        expect(await unseal(alice, bytes)).toBeUndefined();
      }),
      { numRuns: 300 },
    );
  });

  test('[IS3] a key that is none cannot be sealed to', async () => {
    expect(await seal(new Uint8Array(31), new Uint8Array(1))).toBeUndefined();
    expect(await seal(new Uint8Array(32), new Uint8Array(1))).toBeUndefined();
  });
});

describe('crypto jobs', () => {
  test('[IJ1] each request has its answer, and none rejects', async () => {
    const identity = await createIdentity('kademlia');
    const jobs = createCryptoJobs(identity);
    const bytes = new Uint8Array([1, 2, 3]);
    const signed = await jobs({ type: 'sign', bytes }, 1);
    if (signed.type !== 'signed') throw new Error('not signed');
    const good = { publicKey: identity.signingKey, bytes, signature: signed.signature };
    const items = [
      good,
      { ...good, bytes: new Uint8Array([1, 2, 4]) },
      { ...good, publicKey: new Uint8Array(32) },
      { ...good, publicKey: new Uint8Array(3) },
      { ...good, signature: new Uint8Array(0) },
    ];
    expect(await jobs({ type: 'verify', items }, 2)).toEqual({
      type: 'verified',
      valid: [true, false, false, false, false],
    });
    const sealed = await jobs({ type: 'seal', sealingKey: identity.sealingKey, bytes }, 3);
    if (sealed.type !== 'sealed') throw new Error('not sealed');
    expect(await jobs({ type: 'open', bytes: sealed.bytes }, 4)).toEqual({ type: 'opened', bytes });
    expect(await jobs({ type: 'open', bytes }, 5)).toEqual({ type: 'failed' });
    expect(await jobs({ type: 'seal', sealingKey: bytes, bytes }, 6)).toEqual({ type: 'failed' });
  });
});
