import { transportContract } from '../transport-contract.ts';
import { MemoryNetwork, MemoryTransport } from './memory-transport.ts';

transportContract('memory transport', (a, b) => {
  const network = new MemoryNetwork();
  return { a: new MemoryTransport(network, a), b: new MemoryTransport(network, b) };
});
