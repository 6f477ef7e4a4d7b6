/** The rows of the store's targets, at full size and in small. */

import { atLeast, atMost, fullAndQuick, type ReportRow, type ReportRun } from './row.ts';

/** `replicas` + 4 · `alpha`, with the store's defaults. */
const REQUESTS_MAX = 20;

export const STORE_ROWS: readonly ReportRow[] = [
  {
    id: 'D1',
    name: 'values put by nodes drawn by chance, read by every other',
    target: '100 % on the first try',
    anchor: 'rust-kad: its test cannot tell',
    runs: [4, 16, 128, 500, 1_000].map((nodes) =>
      atRest(`${nodes} nodes`, nodes, [atLeast('readPercent', 100), atMost('forged', 0)], {
        figures: ['written', 'acked', 'read', 'readFirstTry', 'requestsMean', 'bytesMean', 'getMsP99'],
      }),
    ),
  },
  {
    id: 'D2',
    name: 'requests of one iterative lookup, and the overlay’s recursive lookup of the same keys',
    target: '≤ replicas + 4·alpha = 20',
    anchor: 'rust-kad: 140-160',
    runs: [
      fullAndQuick(
        {
          what: '500 nodes, defaults',
          bounds: [
            atMost('putRequestsMax', REQUESTS_MAX),
            atMost('getRequestsMax', REQUESTS_MAX),
            atMost('missRequestsMax', REQUESTS_MAX),
            atMost('failed', 0),
          ],
          figures: [
            ...['put', 'get', 'miss'].map((name) => `${name}RequestsMean`),
            ...['put', 'get', 'recursive', 'miss', 'lookup'].flatMap((name) => [
              `${name}BytesMean`,
              `${name}MsP50`,
            ]),
          ],
        },
        'store-cost --nodes 500 --values 100',
        'store-cost --nodes 40 --values 10',
      ),
    ],
  },
  {
    id: 'D3',
    name: 'values under churn, half without a goodbye, 8 replicas, life 2 h',
    target: 'readable ≥ 99.9 %, stale ≤ 0.1 %, forged 0',
    anchor: 'with a republish each hour 2 % survive',
    runs: [
      { what: 'median 10 min, 300 nodes', args: '--nodes 300 --session 10 --duration 600' },
      { what: 'median 10 min, 1000 nodes', args: '--nodes 1000 --session 10 --duration 600' },
      { what: 'median 2 min, 300 nodes', args: '--nodes 300 --session 2 --duration 300' },
    ].map(({ what, args }) =>
      fullAndQuick(
        {
          what,
          bounds: [atLeast('readPercent', 99.9), atMost('stalePercent', 0.1), atMost('forged', 0)],
          figures: ['read', 'lost', 'gone', 'joined', 'publishersGone', 'storeBytesPerSecond'],
        },
        `store-churn ${args} --values 200 --reads 5000 --updates 300`,
        `store-churn ${args.replace(/--nodes \d+/, '--nodes 20').replace(/--duration \d+/, '--duration 60')} --values 20 --reads 200 --updates 20`,
      ),
    ),
  },
  {
    id: 'D4',
    name: '30 % of the nodes die at once, 5 copies',
    target: '≥ 99.5 % readable at once, all copies back within one repair period (45-75 s)',
    anchor: '0.35 % lost',
    // Keys of one region have their copies on the same nodes, so that 50 nodes lose many values in few runs: 0.24 % of
    // regions lose all five copies. More nodes come nearer to the mean.
    runs: [
      ...[1, 2, 3, 4, 5, 6].map((seed) => ({ nodes: 50, seed, values: 200 })),
      { nodes: 500, seed: 1, values: 500 },
    ].map(({ nodes, seed, values }) =>
      fullAndQuick(
        {
          what: `${nodes} nodes, seed ${seed}`,
          bounds: [atLeast('readPercent', 99.5), atMost('copiesBackMs', 75_000), atMost('forged', 0)],
          figures: ['read', 'gone', 'copiesLost', 'getMsP99'],
        },
        `store-crash --nodes ${nodes} --replicas 5 --values ${values} --readers 5 --seed ${seed}`,
        `store-crash --nodes 20 --replicas 5 --values 20 --readers 2 --seed ${seed}`,
      ),
    ),
  },
  {
    id: 'D5',
    name: 'joins and orderly leaves during a storm of puts and gets',
    target: '0 acknowledged values lost',
    anchor: 'Chord project: never tested',
    runs: [
      fullAndQuick(
        {
          what: '50 nodes, 40 joins and 40 leaves in 60 s',
          bounds: [atMost('lost', 0), atMost('gone', 0), atMost('forged', 0)],
          figures: ['acked', 'read', 'readPercent', 'stale', 'handOverMsMax'],
        },
        'store-join-leave --nodes 50',
        'store-join-leave --nodes 16 --values 20 --duration 10 --joins 8 --leaves 8 --puts 60 --gets 60',
      ),
    ],
  },
  {
    id: 'D6',
    name: 'gets of what nobody put',
    target: 'answered explicitly, faster than half the time-out',
    anchor: 'fledger: the whole 1,000 ms',
    runs: [16, 500].map((nodes) =>
      fullAndQuick(
        {
          what: `${nodes} nodes, 1,000 gets`,
          bounds: [atLeast('missed', 1_000), atMost('missShare', 0.5)],
          figures: ['missMsP50', 'missMsP99', 'timeoutMs'],
        },
        `store --nodes ${nodes} --values 1 --readers 1 --misses 1000`,
        `store --nodes ${Math.min(nodes, 40)} --values 1 --readers 1 --misses 1000`,
      ),
    ),
  },
  {
    id: 'D7',
    name: 'spam against honest publishers with 10 values each',
    // A million puts are 18 million requests, which take the simulator five hours. A tenth of the nodes with a quarter of
    // the limits come under the same pressure, 6.5 copies put for each place, with 25,000.
    target: 'caps hold exactly; ≥ 99 % of the honest values stay',
    anchor: '',
    runs: [
      fullAndQuick(
        {
          what: '10 spammers, 20 honest, 25,000 puts, a quarter of the limits: 6.5 copies put for each place, as by 1 million puts in 300 nodes',
          bounds: [
            atLeast('honestPercent', 99),
            atMost('heldMax', 1_024),
            atMost('accountBytesMax', 262_144),
          ],
          figures: ['spamAcked', 'spamPerPlace', 'fullNodes', 'honestCopiesMean'],
        },
        'store-spam --nodes 30 --spammers 10 --puts 25000 --records-max 1024 --account-bytes 262144',
        'store-spam --nodes 15 --spammers 5 --puts 600 --records-max 128 --account-bytes 90000',
      ),
    ],
  },
];

function atRest(
  what: string,
  nodes: number,
  bounds: ReportRun['bounds'],
  { figures }: Pick<ReportRun, 'figures'>,
): ReportRun {
  return fullAndQuick(
    { what, bounds, figures },
    `store --nodes ${nodes} --values 9 --readers 0 --at-once 50`,
    `store --nodes ${Math.min(nodes, 30)} --values 9 --readers 0`,
  );
}
