/**
 * `npm run bench`: runs every benchmark in a process of its own, one after another, keeps what each printed as a row of
 * the table, and prints the table. Ends with 1 when a benchmark could not run; a missed target is in the table.
 */

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { formatFigures, recordFigures, type FigureRow } from '../support/figures.ts';

interface Bench {
  readonly file: string;
  readonly row: Omit<FigureRow, 'figures'>;
}

const BENCHES: readonly Bench[] = [
  {
    file: 'src/bench/delivery.bench.ts',
    row: {
      name: 'R1 R2 delivery',
      what: 'simulated, full knowledge, requests with replies; 5 to 1,000 nodes, bucketSize 1 to 20, both profiles',
      target:
        'all delivered, at the true nearest; hops mean ≤ ½·log2 N, max ≤ log2 N + 3; at 1,000 ≤ 2.5 reference, ≤ 3 browser',
    },
  },
  {
    file: 'src/bench/table.bench.ts',
    row: {
      name: 'P2 closest',
      what: 'closest(20) of 10,000 ids offered, beside k-bucket',
      target: '≥ 3 × as fast, exact',
    },
  },
  {
    file: 'src/bench/forward.bench.ts',
    row: {
      name: 'P3 forward',
      what: 'a 1 KiB message forwarded at a hop, signatures not counted',
      target: '≥ 300,000/s',
    },
  },
  {
    file: 'src/bench/hop-choice.bench.ts',
    row: { name: 'P3 choice of hops', what: 'next hops chosen a second', target: 'none' },
  },
  {
    file: 'e2e/bench/hop.bench.ts',
    row: {
      name: 'B8 one hop',
      what: 'round trip beside a bare simple-peer ping, same pages',
      target: 'heartbeat ≤ 1.3 ×',
    },
  },
  {
    file: 'e2e/bench/drawn-tabs.bench.ts',
    row: {
      name: 'B1 12 drawn tabs',
      what: '12 tabs opened at once, all of them drawn all the time; all-pairs direct',
      target: 'all delivered; ready ≤ 10,000 ms after the last tab; p99 ≤ 250 ms',
    },
  },
  {
    file: 'signaling/load.bench.ts',
    row: {
      name: 'SG load',
      what: 'an honest pair beside 2,000 idle clients and a flood',
      target: 'offer and answer < 250 ms',
    },
  },
];

const rows: FigureRow[] = [];
for (const { file, row } of BENCHES) {
  const figures = existsSync(file) ? measure(file) : undefined;
  if (figures === undefined) {
    process.exitCode = 1;
    continue;
  }
  rows.push({ ...row, figures });
  recordFigures({ ...row, figures });
}
console.log(`\n${formatFigures(rows)}`);

/** What the benchmark printed; `undefined`, with the reason on the error output, when it printed nothing of use. */
function measure(file: string): FigureRow['figures'] | undefined {
  const run = spawnSync(process.execPath, ['--import', 'tsx', file], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: 1_800_000,
  });
  try {
    const { bench: _name, ...figures } = JSON.parse(run.stdout) as Record<string, number | string | boolean>;
    return figures;
  } catch {
    console.error(`${file} printed no figures (exit code ${run.status}): ${run.stdout}`);
    return undefined;
  }
}
