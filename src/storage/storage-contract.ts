/** What every storage must do (rules SO1-SO7). Each implementation's test calls this with its own factory. */

import { describe, expect, test } from 'vitest';
import type { BatchStorage } from './storage.ts';

/** Registers the tests. `create` gives an empty storage each time. */
export function storageContract(name: string, create: () => BatchStorage): void {
  describe(name, () => {
    test('[SO1] a missing key is undefined, and removing it is fine', async () => {
      const storage = create();
      expect(await storage.get('nothing')).toBeUndefined();
      await storage.remove('nothing');
    });

    test('[SO2] what was set comes back equal, and the newest wins', async () => {
      const storage = create();
      await storage.set('a', { text: 'x', bytes: new Uint8Array([1, 2]) });
      await storage.set('a', { text: 'y', bytes: new Uint8Array([3]) });
      expect(await storage.get('a')).toEqual({ text: 'y', bytes: new Uint8Array([3]) });
    });

    test('[SO3] a value is a copy: later changes by the caller do not reach it', async () => {
      const storage = create();
      const value = { list: [1] };
      await storage.set('a', value);
      value.list.push(2);
      expect(await storage.get('a')).toEqual({ list: [1] });
      const read = (await storage.get('a')) as { list: number[] };
      read.list.push(3);
      expect(await storage.get('a')).toEqual({ list: [1] });
    });

    test('[SO4] a value that cannot be kept is refused and leaves the old one; removing takes it away', async () => {
      const storage = create();
      await storage.set('a', 1);
      await expect(storage.set('a', () => 2)).rejects.toThrow();
      expect(await storage.get('a')).toBe(1);
      await storage.remove('a');
      expect(await storage.get('a')).toBeUndefined();
    });

    test('[SO6] many values are changed at once, undefined ones are forgotten, and a prefix finds them', async () => {
      const storage = create();
      await storage.set('room a/1', 'old');
      await storage.change(
        new Map<string, unknown>([
          ['room a/1', undefined],
          ['room a/2', new Uint8Array([7])],
          ['room b/1', 3],
        ]),
      );
      expect(await storage.entries('room a/')).toEqual(new Map([['room a/2', new Uint8Array([7])]]));
      expect((await storage.entries('')).size).toBe(2);
    });

    test('[SO7] of changes of which one cannot be kept none is', async () => {
      const storage = create();
      const changes = new Map<string, unknown>([
        ['a', 1],
        ['b', () => 2],
      ]);
      await expect(storage.change(changes)).rejects.toThrow();
      expect((await storage.entries('')).size).toBe(0);
    });

    test('[SO5] non-extractable keys survive and still work', async () => {
      const storage = create();
      const pair = await crypto.subtle.generateKey({ name: 'Ed25519' }, false, ['sign', 'verify']);
      await storage.set('key', pair);
      const read = (await storage.get('key')) as CryptoKeyPair;
      expect(read.privateKey.extractable).toBe(false);
      const signature = await crypto.subtle.sign({ name: 'Ed25519' }, read.privateKey, new Uint8Array(3));
      const pub = (pair as CryptoKeyPair).publicKey;
      expect(await crypto.subtle.verify({ name: 'Ed25519' }, pub, signature, new Uint8Array(3))).toBe(true);
    });
  });
}
