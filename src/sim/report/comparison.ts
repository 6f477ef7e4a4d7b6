/**
 * Kademlia against Chord: the same nodes, ids, seeds and delays, the same limits of a browser tab, everything above the
 * geometry the same code. Each line is one command, run with `--geometry kademlia` and `--geometry chord`.
 */

import { fullAndQuick, type ReportRow, type ReportRun, type RunResult } from './row.ts';

/** A figure of a command, in the words of the table. */
interface Figure {
  readonly name: string;
  readonly words: string;
}

interface Compared {
  readonly what: string;
  readonly args: string;
  readonly quickArgs: string;
  readonly figures: readonly Figure[];
}

const DELIVERED: Figure = { name: 'deliveredPercent', words: 'delivered, %' };
const HOPS: readonly Figure[] = [
  { name: 'hopsMean', words: 'hops, mean' },
  { name: 'hopsMax', words: 'hops, most' },
];
const LATENCY: readonly Figure[] = [
  { name: 'latencyMsP50', words: 'time to the receipt p50, ms' },
  { name: 'latencyMsP99', words: 'time to the receipt p99, ms' },
];
const COPIES: Figure = { name: 'transmissionsMean', words: 'copies of a message, mean' };
const LINKS: readonly Figure[] = [
  { name: 'linksMean', words: 'links of a node, mean' },
  { name: 'linksMax', words: 'links of a node, most' },
];
const JOINING: readonly Figure[] = [
  { name: 'joinMessagesMean', words: 'messages of a newcomer until it is in, mean' },
  { name: 'completeMsP99', words: 'table complete after p99, ms' },
];

export const COMPARED: readonly Compared[] = [
  ...[16, 100, 1_000, 10_000].map((nodes) => ({
    what: `${nodes.toLocaleString('en')} nodes at rest`,
    args: `deliver --nodes ${nodes} --profile browser --bucket-size 8 --view 1 --requests --messages 3000`,
    quickArgs: 'deliver --nodes 40 --profile browser --bucket-size 8 --view 1 --requests --messages 100',
    figures: [DELIVERED, ...HOPS, ...LATENCY, ...LINKS, ...JOINING],
  })),
  ...[16, 100, 300].map((nodes) => ({
    what: `churn of ${nodes} nodes, median session 10 min, half without a goodbye`,
    args: `churn --nodes ${nodes} --profile browser --session 10 --messages 3000`,
    quickArgs: 'churn --nodes 20 --profile browser --session 10 --messages 100 --duration 20 --warmup 5',
    figures: [
      DELIVERED,
      { name: 'latencyMsP99', words: 'time to the receipt p99, ms' },
      { name: 'upkeepBytesPerSecond', words: 'upkeep, bytes a second and node' },
    ],
  })),
  ...[0.2, 0.5].map((droppers) => ({
    what: `1,000 nodes, ${100 * droppers} % droppers, links of 100 ms`,
    args: `deliver --nodes 1000 --profile browser --view 1 --latency 100 --droppers ${droppers} --messages 3000`,
    quickArgs: `deliver --nodes 40 --profile browser --view 1 --latency 100 --droppers ${droppers} --messages 100`,
    figures: [DELIVERED, COPIES, ...LATENCY],
  })),
  ...[0.2, 0.1, 0.05].map((view) => ({
    what: `1,000 nodes that know ${100 * view} % of the others, never repaired`,
    args: `deliver --nodes 1000 --profile browser --view ${view} --repair off --bucket-size 4 --messages 3000`,
    quickArgs: `deliver --nodes 60 --profile browser --view ${view} --repair off --bucket-size 4 --messages 100`,
    figures: [DELIVERED, ...HOPS, COPIES],
  })),
  {
    what: '300 nodes, 15 % of the pairs unable to link',
    args: 'deliver --nodes 300 --profile browser --blocked 0.15 --join-interval 20 --messages 3000',
    quickArgs: 'deliver --nodes 40 --profile browser --blocked 0.15 --join-interval 20 --messages 100',
    figures: [DELIVERED, ...HOPS, COPIES],
  },
  {
    what: 'values under churn, 300 nodes, median session 10 min',
    args: 'store-churn --nodes 300 --session 10 --duration 600 --values 200 --reads 5000 --updates 300',
    quickArgs: 'store-churn --nodes 20 --session 10 --duration 60 --values 20 --reads 200 --updates 20',
    figures: [
      { name: 'readPercent', words: 'acknowledged values readable, %' },
      { name: 'lost', words: 'values lost' },
      { name: 'stalePercent', words: 'stale, %' },
      { name: 'storeBytesPerSecond', words: 'store, bytes a second and node' },
    ],
  },
];

/** The two commands of a line. Without the option the geometry is Kademlia, and the figures may stand in other rows too. */
function runsOf({ what, args, quickArgs, figures }: Compared): readonly [ReportRun, ReportRun] {
  const shown = { what, bounds: [], figures: figures.map(({ name }) => name) };
  return [
    fullAndQuick(shown, args, quickArgs),
    fullAndQuick(shown, `${args} --geometry chord`, `${quickArgs} --geometry chord`),
  ];
}

/** All commands of the comparison, so that the report measures them like any other. */
export const COMPARISON_ROW: ReportRow = {
  id: 'K',
  name: 'Kademlia against Chord',
  target: '',
  anchor: '',
  runs: COMPARED.flatMap(runsOf),
};

/** The comparison as Markdown, of those lines whose two commands were measured; the others are named below. */
export function formatComparison(resultOf: (run: ReportRun) => RunResult | undefined): string[] {
  const lines = [
    '### Kademlia against Chord',
    '',
    'The same ids, seeds, delays and limits of a browser tab; everything above the geometry is the same code. The command',
    'is that of Kademlia; Chord is the same with `--geometry chord`.',
    '',
    '| what | figure | Kademlia | Chord | command |',
    '| --- | --- | ---: | ---: | --- |',
  ];
  const missing: string[] = [];
  for (const compared of COMPARED) {
    const [kademlia, chord] = runsOf(compared).map(resultOf);
    if (kademlia === undefined || chord === undefined) {
      missing.push(compared.what);
      continue;
    }
    compared.figures.forEach(({ name, words }, i) => {
      const cells = [
        i === 0 ? compared.what : '',
        words,
        formatFigure(kademlia, name),
        formatFigure(chord, name),
        i === 0 ? `\`${compared.args}\`` : '',
      ];
      lines.push(`| ${cells.join(' | ')} |`);
    });
  }
  if (missing.length > 0)
    lines.push('', `Not compared, because one of the two runs was not made: ${missing.join('; ')}.`);
  return lines;
}

function formatFigure({ record, code }: RunResult, name: string): string {
  const value = record[name];
  const text =
    value === null || value === undefined ? '-' : value.toLocaleString('en', { maximumFractionDigits: 3 });
  return code === 0 ? text : `${text} (exit code ${code})`;
}
