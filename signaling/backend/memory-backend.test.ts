import { expect, test } from 'vitest';
import { describeBackend } from './backend-contract.ts';
import { MemoryBackend } from './memory-backend.ts';

describeBackend('memory', (listener, random) => new MemoryBackend(listener, random));

test('[SG10] a session that joins twice is a bug of the caller', async () => {
  const backend = new MemoryBackend({ deliver: () => {}, replaced: () => {} }, () => 0);
  const member = { session: 1, room: 'a', id: new Uint8Array(32), geometry: 'kademlia' } as const;
  await backend.join(member);
  await expect(backend.join(member)).rejects.toThrow('once');
});
