/** The rows of the targets, at full size and in small: those of routing here, those of the store beside. */

import { atLeast, atMost, fullAndQuick, type Bound, type ReportRow, type ReportRun } from './row.ts';
import { onChord, RING_ROWS } from './chord-rows.ts';
import { STORE_ROWS } from './store-rows.ts';

type Profile = 'browser' | 'reference';
const PROFILES: readonly Profile[] = ['reference', 'browser'];
const BUCKET_SIZES = [1, 2, 4, 8, 20];
/** Three nines need 3,000 messages, four nines 30,000. */
const THREE_NINES = 3_000;
const FOUR_NINES = 30_000;

const ROUTING_ROWS: readonly ReportRow[] = [
  {
    id: 'R1',
    name: 'full knowledge, requests with replies',
    target: '100 % delivered, at the true nearest node',
    anchor: 'fledger: 83 % at the true nearest',
    runs: fullKnowledge().map(({ what, options }) =>
      deliverRun(what, `${options} --view 1 --requests`, {
        bounds: [atLeast('deliveredPercent', 100), atLeast('atTrueNearestPercent', 100)],
      }),
    ),
  },
  {
    id: 'R2',
    name: 'hops with full knowledge',
    target: 'mean ≤ ½·log2 N, max ≤ log2 N + 3; at 1,000: mean ≤ 2.5 `reference`, ≤ 3 `browser`',
    anchor: 'Kademlia, bucketSize 1 / 2 / 8 / 20 at 1,000: 5.0 / 3.8 / 2.3 / 1.9; Chord ½·log2 N',
    runs: fullKnowledge()
      .filter(({ nodes }) => nodes >= 16)
      .map(({ what, options, nodes, profile, bucketSize }) => {
        const isNamed = nodes === 1_000 && bucketSize === 8;
        const most = isNamed ? (profile === 'reference' ? 2.5 : 3) : Math.log2(nodes) / 2;
        return deliverRun(what, `${options} --view 1 --requests`, {
          bounds: [atMost('hopsMean', most), atMost('hopsMax', Math.log2(nodes) + 3)],
        });
      }),
  },
  {
    id: 'R3',
    name: 'partial views, never repaired',
    target: '≥ 99.9 %; copies: direct ≤ 4, closest ≤ 10',
    anchor: 'two-way greedy forwarding at 50 / 20 / 10 / 5 %: 91 / 63 / 41 / 23 %',
    runs: both([0.5, 0.2, 0.1, 0.05], (view, profile) =>
      deliverRun(
        `${percent(view)} known, ${profile}`,
        `--profile ${profile} --view ${view} --repair off --bucket-size 4`,
        {
          bounds: [
            atLeast('deliveredPercent', 99.9),
            atMost('transmissionsMeanDirect', 4),
            atMost('transmissionsMeanClosest', 10),
          ],
          figures: ['completePercent', 'linksMean'],
        },
      ),
    ),
  },
  {
    id: 'R4',
    name: 'partial views with repair',
    target: 'tables complete and 100 % delivered; time and messages until then',
    anchor: 'fledger: waits for a full list',
    runs: both([0.5, 0.2, 0.1, 0.05], (view, profile) =>
      deliverRun(
        `${percent(view)} known, ${profile}`,
        `--profile ${profile} --view ${view} --bucket-size 4`,
        {
          bounds: [atLeast('deliveredPercent', 100), atLeast('completePercent', 100)],
          figures: ['completeMsP99', 'joinMessagesMean', 'quietMs'],
        },
      ),
    ),
  },
  {
    id: 'R5',
    name: 'pairs that cannot link',
    target: '≥ 99.99 / 99.9 / 99.5 % at 5 / 15 / 30 %',
    anchor: 'Tapestry and Chord at 5 %: 1.3-7.5 % failures',
    runs: both(
      [
        { blocked: 0.05, least: 99.99 },
        { blocked: 0.15, least: 99.9 },
        { blocked: 0.3, least: 99.5 },
      ],
      ({ blocked, least }, profile) =>
        deliverRun(
          `${percent(blocked)} of the pairs, ${profile}`,
          `--profile ${profile} --blocked ${blocked} --join-interval 20`,
          {
            bounds: [atLeast('deliveredPercent', least)],
            figures: ['transmissionsMean', 'latencyMsP99', 'completePercent'],
            messages: least > 99.9 ? FOUR_NINES : THREE_NINES,
          },
        ),
    ),
  },
  {
    id: 'R6',
    name: 'silent droppers, links of 100 ms',
    target:
      '`reference` ≥ 99.99 / 99.9 / 99.9 / 99.5 %, `browser` ≥ 99.9 / 99.5 / 99 / 98 %; copies ≤ 4 at 20 %, ≤ 8 at 50 %; p99 ≤ 3 s at 20 %',
    anchor: 'S/Kademlia, 8 disjoint paths: 99 % at 30 %, 88 % at 50 %, up to 20 copies',
    runs: both(
      [
        { droppers: 0.1, reference: 99.99, browser: 99.9, more: [] },
        {
          droppers: 0.2,
          reference: 99.9,
          browser: 99.5,
          more: [atMost('transmissionsMean', 4), atMost('latencyMsP99', 3_000)],
        },
        { droppers: 0.3, reference: 99.9, browser: 99, more: [] },
        { droppers: 0.5, reference: 99.5, browser: 98, more: [atMost('transmissionsMean', 8)] },
      ],
      ({ droppers, more, ...least }, profile) =>
        deliverRun(
          `${percent(droppers)} droppers, ${profile}`,
          `--profile ${profile} --view 1 --latency 100 --droppers ${droppers}`,
          {
            bounds: [atLeast('deliveredPercent', least[profile]), ...more],
            figures: ['transmissionsMean', 'latencyMsP50', 'latencyMsP99', 'acksMean'],
            messages: least[profile] > 99.9 ? FOUR_NINES : THREE_NINES,
          },
        ),
    ),
  },
  {
    id: 'R7',
    name: '20 % of the nodes hostile, links of 100 ms',
    target:
      '`reference` ≥ 99.9 %, `browser` ≥ 99.5 %; forged receipts and altered bodies accepted 0; wrong nearest ≤ 0.1 %, honest answers refused ≤ 1 %',
    anchor: '',
    runs: both(['delay', 'corrupt', 'duplicate', 'misroute', 'forge', 'nearest', 'flood'], (kind, profile) =>
      deliverRun(`${kind}, ${profile}`, `--profile ${profile} --view 1 --latency 100 --adversary ${kind}`, {
        bounds: [
          atLeast('deliveredPercent', profile === 'reference' ? 99.9 : 99.5),
          atMost('forgedAccepted', 0),
          atMost('alteredAccepted', 0),
          atMost('wrongNearestPercent', 0.1),
          atMost('honestRefusedPercent', 1),
        ],
        figures: ['transmissionsMean', 'latencyMsP99'],
      }),
    ),
  },
  {
    id: 'R8',
    name: 'churn, half without a goodbye',
    target:
      '≥ 99.9 / 99.5 / 99 / 98 % at 10 / 5 / 2 / 1.4 min median session; p99 ≤ 2 s; upkeep ≤ 600 B/s a node at 10 min',
    anchor: 'Bamboo works at 1.4 min under 900 B/s',
    runs: both(
      [
        { session: 10, least: 99.9, more: [atMost('upkeepBytesPerSecond', 600)] },
        { session: 5, least: 99.5, more: [] },
        { session: 2, least: 99, more: [] },
        { session: 1.4, least: 98, more: [] },
      ],
      ({ session, least, more }, profile) =>
        fullAndQuick(
          {
            what: `median ${session} min, ${profile}`,
            bounds: [atLeast('deliveredPercent', least), atMost('latencyMsP99', 2_000), ...more],
            figures: ['sent', 'leftOut', 'joined', 'upkeepBytesPerSecond'],
          },
          `churn --nodes 1000 --profile ${profile} --session ${session} --messages 5000`,
          `churn --nodes 40 --profile ${profile} --session ${session} --messages 300 --duration 20 --warmup 5`,
        ),
    ),
  },
  {
    id: 'R9',
    name: 'flash crowd 100 → 1,000 nodes in 30 s, then half leave at once',
    target: 'delivery above 99 % again in ≤ 15 s and ≤ 30 s',
    anchor: 'gossipsub mesh: 2 min',
    runs: both(['leave', 'silent'], (how, profile) =>
      fullAndQuick(
        {
          what: `${how === 'leave' ? 'with a goodbye' : 'tabs killed'}, ${profile}`,
          bounds: [atMost('crowdRecoveredMs', 15_000), atMost('leaveRecoveredMs', 30_000)],
          figures: ['sent', 'crowdWorstPercent', 'leaveWorstPercent', 'deliveredPercent'],
        },
        `flash --nodes 1000 --profile ${profile} --how ${how}`,
        `flash --nodes 60 --first 10 --within 5 --rate 40 --pause 30 --profile ${profile} --how ${how}`,
      ),
    ),
  },
  {
    id: 'R10',
    name: 'two halves cut off from each other for 60 s, then healed',
    target: 'one network in ≤ 30 s',
    anchor: '',
    runs: both(['down', 'up'], (server, profile) =>
      fullAndQuick(
        {
          what: `server ${server} meanwhile, ${profile}`,
          bounds: [atMost('oneNetworkMs', 30_000)],
          figures: ['tablesMergedMs', 'messagesMs', 'reconnected'],
        },
        `partition --nodes 1000 --profile ${profile} --server ${server}`,
        `partition --nodes 40 --cut 30 --wait 40 --rate 40 --profile ${profile} --server ${server}`,
      ),
    ),
  },
  {
    id: 'R11',
    name: 'messages to groups of 8, 1,000 nodes',
    target: 'all 8 members, each exactly once, ≤ path + 16 copies',
    anchor: 'MaidSafe promises 64 copies, makes 433',
    runs: PROFILES.map((profile) =>
      deliverRun(profile, `--profile ${profile} --view 1`, {
        scenario: 'group',
        bounds: [atLeast('deliveredPercent', 100), atMost('copiesBeyondPathMax', 16)],
        figures: ['reachedPercent', 'acknowledgedPercent', 'hopsMean', 'transmissionsMean', 'latencyMsP99'],
      }),
    ),
  },
  {
    id: 'R12',
    name: 'links of a node, tables complete, 1,000 nodes',
    target: '`reference` mean ≤ 26 / 50 / 85 at bucketSize 2 / 4 / 8; `browser` never above its cap',
    anchor: 'the same table, pruned',
    runs: [
      ...[
        { bucketSize: 2, most: 26 },
        { bucketSize: 4, most: 50 },
        { bucketSize: 8, most: 85 },
      ].map(({ bucketSize, most }) =>
        linksRun(`reference, bucketSize ${bucketSize}`, `--profile reference --bucket-size ${bucketSize}`, [
          atMost('linksMean', most),
          atLeast('completePercent', 100),
        ]),
      ),
      linksRun('browser, bucketSize 8', '--profile browser', [
        atMost('linksMax', 48),
        atLeast('completePercent', 100),
      ]),
    ],
  },
  {
    id: 'R13',
    name: 'broadcast to the whole network, 1,000 nodes',
    target: 'every node exactly once; 999 ± 5 % copies; depth ≤ 2·log2 N',
    anchor: 'none has it',
    runs: PROFILES.map((profile) =>
      deliverRun(profile, `--profile ${profile} --view 1`, {
        scenario: 'broadcast',
        bounds: [
          atLeast('deliveredPercent', 100),
          { figure: 'transmissionsMean', min: 0.95 * 999, max: 1.05 * 999 },
          atMost('depthMax', 2 * Math.log2(1_000)),
        ],
        figures: ['reachedPercent', 'acknowledgedPercent', 'depthMean', 'latencyMsP99'],
        messages: 100,
      }),
    ),
  },
  {
    id: 'R14',
    name: 'signaling server until all nodes are complete',
    target: '≤ 6,000 bytes a node',
    anchor: 'fledger, 3 / 10 / 30 / 100 / 300 nodes: 15 / 114 / 562 / 2,600 / 10,000 kB in all',
    runs: [3, 10, 30, 100, 300].map((nodes) =>
      fullAndQuick(
        {
          what: `${nodes} nodes`,
          bounds: [atMost('serverBytesPerNode', 6_000), atLeast('completePercent', 100)],
          figures: [],
        },
        `signaling-cost --nodes ${nodes}`,
        `signaling-cost --nodes ${Math.min(30, nodes)}`,
      ),
    ),
  },
  {
    id: 'G',
    name: 'the six guarantees after every one of 100 joins and leaves',
    target: 'hops ≤ B-1, copies ≤ B, accepted links ≤ B·k, close groups linked, k ways',
    anchor: 'MaidSafe routing table',
    runs: both([4, 8], (bucketSize, profile) =>
      fullAndQuick(
        {
          what: `bucketSize ${bucketSize}, ${profile}`,
          bounds: [
            atLeast('hopsSlackMin', 0),
            atLeast('copiesSlackMin', 0),
            atLeast('acceptedSlackMin', 0),
            atMost('groupGaps', 0),
          ],
          figures: ['checks', 'messages', 'bucketsMax', 'waysMin'],
        },
        `guarantees --nodes 100 --events 100 --profile ${profile} --bucket-size ${bucketSize}`,
        `guarantees --nodes 30 --events 5 --profile ${profile} --bucket-size ${bucketSize}`,
      ),
    ),
  },
  {
    id: 'P1',
    name: 'the simulator itself: 10,000 nodes, one more every 5 ms, then 100,000 messages',
    target: '≤ 60 s, ≤ 100 KiB a node',
    anchor: '`@streamr/dht` simulator: 128 nodes 164 MB, a join 67 ms',
    runs: [
      {
        ...fullAndQuick(
          {
            what: 'browser',
            bounds: [
              atMost('wallMs', 60_000),
              atMost('heapKiBPerNode', 100),
              atLeast('deliveredPercent', 100),
            ],
            figures: ['sent', 'hopsMean', 'completePercent'],
          },
          'deliver --nodes 10000 --join-interval 5 --messages 100000',
          'deliver --nodes 200 --join-interval 5 --messages 1000',
        ),
        alone: true,
      },
    ],
  },
  {
    id: 'P5',
    name: 'growth with the number of nodes',
    target: 'hops and join messages ∝ log N, links ∝ bucketSize·log N up to the cap',
    anchor: '',
    runs: PROFILES.map((profile) => {
      const sizes = profile === 'browser' ? '16,64,256,1000,4000,10000' : '16,64,256,1000';
      return fullAndQuick(
        { what: profile, bounds: [], figures: [] },
        `links --profile ${profile} --sizes ${sizes}`,
        `links --profile ${profile} --sizes 16,32,64 --messages 100`,
      );
    }),
  },
];

const KADEMLIA_ROWS: readonly ReportRow[] = [...ROUTING_ROWS, ...STORE_ROWS];

export const REPORT_ROWS: readonly ReportRow[] = [...KADEMLIA_ROWS, ...RING_ROWS, ...onChord(KADEMLIA_ROWS)];

function fullKnowledge(): {
  nodes: number;
  profile: Profile;
  bucketSize: number;
  what: string;
  options: string;
}[] {
  const all = [
    ...[5, 16, 100, 1_000].flatMap((nodes) =>
      BUCKET_SIZES.map((bucketSize) => ({ nodes, profile: 'browser', bucketSize }) as const),
    ),
    { nodes: 10_000, profile: 'browser', bucketSize: 8 } as const,
    ...BUCKET_SIZES.map((bucketSize) => ({ nodes: 100, profile: 'reference', bucketSize }) as const),
    { nodes: 1_000, profile: 'reference', bucketSize: 8 } as const,
  ];
  return all.map((of) => ({
    ...of,
    what: `${of.nodes} nodes, bucketSize ${of.bucketSize}, ${of.profile}`,
    options: `--nodes ${of.nodes} --profile ${of.profile} --bucket-size ${of.bucketSize}`,
  }));
}

function deliverRun(
  what: string,
  options: string,
  more: {
    readonly bounds: readonly Bound[];
    readonly figures?: readonly string[];
    readonly messages?: number;
    readonly scenario?: 'deliver' | 'group' | 'broadcast';
  },
): ReportRun {
  const { bounds, figures = [], messages = THREE_NINES, scenario = 'deliver' } = more;
  const sized = options.includes('--nodes') ? options : `--nodes 1000 ${options}`;
  const small = sized.replace(/--nodes \d{3,}/, '--nodes 60');
  return fullAndQuick(
    { what, bounds, figures: ['sent', 'delivered', ...figures] },
    `${scenario} ${sized} --messages ${messages}`,
    `${scenario} ${small} --messages ${scenario === 'broadcast' ? 20 : 200}`,
  );
}

function linksRun(what: string, options: string, bounds: readonly Bound[]): ReportRun {
  return {
    what,
    bounds,
    figures: ['linksMean', 'linksMax'],
    args: `links --sizes 1000 ${options}`,
    quickArgs: `links --sizes 50 --messages 100 ${options}`,
  };
}

function both<T>(cases: readonly T[], toRun: (one: T, profile: Profile) => ReportRun): ReportRun[] {
  return PROFILES.flatMap((profile) => cases.map((one) => toRun(one, profile)));
}

function percent(share: number): string {
  return `${Math.round(100 * share)} %`;
}
