/** What the help dialog lists: every key, the filter's words, every setting of the address. Loaded with it. */

import type { GeometryName } from '../../session/api.ts';

/** A row of the keyboard table. */
export interface Shortcut {
  readonly keys: readonly string[];
  readonly meaning: string;
}

/** Every key, in words. */
export const SHORTCUTS: readonly Shortcut[] = [
  { keys: ['/'], meaning: 'filter the log' },
  { keys: ['space'], meaning: 'pause the log’s view, go on' },
  { keys: ['j', 'k'], meaning: 'next (older) and previous row of the log' },
  { keys: ['enter'], meaning: 'open or close the row; choose the node' },
  { keys: ['g', 'r'], meaning: 'go to the ring; arrow keys walk along it' },
  { keys: ['g', 'b'], meaning: 'go to the buckets; on a ring, to its routing table' },
  { keys: ['g', 'p'], meaning: 'go to the peers' },
  { keys: ['g', 's'], meaning: 'go to sending' },
  { keys: ['g', 'v'], meaning: 'go to the store: keys and values' },
  { keys: ['g', 'l'], meaning: 'go to the log' },
  { keys: ['ctrl', 'enter'], meaning: 'send or put, from within the payload or value' },
  { keys: ['t'], meaning: 'theme: system, light, dark' },
  { keys: ['?'], meaning: 'this help' },
  { keys: ['esc'], meaning: 'back: close the row, drop the selection' },
];

/** One row of the filter's table in the help dialog. */
export const FILTER_EXAMPLES: readonly { readonly term: string; readonly meaning: string }[] = [
  {
    term: 'kind:direct',
    meaning: 'closest, direct, group, neighbour, broadcast, reply, link, peers, state, server, retry',
  },
  { term: 'dir:in', meaning: 'in, out, through, node' },
  { term: 'peer:3f', meaning: 'an id that begins so: neighbour, origin or target' },
  { term: 'service:lookup', meaning: 'app, group, spread, vote, store, ring, lookup, ping, signal, node' },
  { term: 'id:9c1', meaning: 'a message whose id begins so' },
  { term: 'ms:>200', meaning: 'also hops:>2, bytes:<100; > < >= <= =' },
  { term: 'failed', meaning: 'also ok, pending' },
  { term: '-ping', meaning: 'without what matches' },
];

/** The settings in the address. */
export const SETTINGS: Readonly<Record<string, string>> = {
  room: 'The network to join: 1-64 characters. Left out, a new one is made.',
  geometry:
    'kademlia (default) or chord: how the room’s first tab decides who is near. Others come with the same.',
  k: 'Contacts in a bucket, 1-64. Default 8. On a ring, contacts kept for each finger.',
  successors: 'On a ring, nodes known in each direction, 1-64. Default 16.',
  links: 'Links never exceeded, 1-200. Default 48.',
  siblings: 'Nearest contacts to be linked to, 0-64. Default 8.',
  signaling: 'Address of the signaling server, ws:// or wss://.',
  storage: 'persistent keeps the id across reloads (default), memory does not.',
  timeout: 'When calls give up, 1-60000 ms. Default 10000.',
  work: 'Bits of work that nodes this tab does not know do before it links to them or keeps their records, 0-18. Each bit doubles it. Default 0.',
};

/** What each geometry is, in a sentence or two. */
export const GEOMETRY_TEXTS: Readonly<Record<GeometryName, string>> = {
  kademlia:
    'It knows some of the others (its contacts, sorted into buckets by how much of the id agrees), keeps data ' +
    'channels to a few of them (its links), and passes messages on until they reach the node nearest to a key.',
  chord:
    'All ids lie on one ring, and the node nearest to a key is the first at or after it, its successor. A tab knows the nodes ' +
    'around it (predecessors and successors) and some far away (its fingers, at half the ring, a quarter, an eighth …), ' +
    'keeps data channels to a few of them (its links), and passes messages on clockwise until they reach the key’s node.',
};
