/** The rows of the ring: those that only it has, and those of routing and store once more with `--geometry chord`. */

import { atLeast, atMost, fullAndQuick, type ReportRow } from './row.ts';

const OPTION = ' --geometry chord';
/** Rows that hold for both geometries. */
const SHARED = new Set([
  'R1',
  'R2',
  'R5',
  'R6',
  'R7',
  'R8',
  'R9',
  'R10',
  'R13',
  'D1',
  'D2',
  'D3',
  'D4',
  'D5',
  'D6',
]);

/** The shared rows with the limits of a browser tab, on a ring. */
export function onChord(rows: readonly ReportRow[]): ReportRow[] {
  return rows
    .filter(({ id }) => SHARED.has(id))
    .map((row) => ({
      ...row,
      id: `${row.id} chord`,
      anchor: '',
      runs: row.runs
        .filter(({ args }) => !args.includes('--profile reference'))
        .map((run) => ({ ...run, args: run.args + OPTION, quickArgs: run.quickArgs + OPTION })),
    }));
}

/** What only a ring has. */
export const RING_ROWS: readonly ReportRow[] = [
  {
    id: 'C1',
    name: 'a ring of 1,000 nodes, successor lists of 20, of which a share fails at once; messages to keys from then on',
    target: '0 wrong answers; hops at most 0.3 above 4.8 / 4.9 / 5.1 / 5.3 / 5.6 / 5.9',
    anchor: 'the re-run of Chord’s table',
    runs: [4.8, 4.9, 5.1, 5.3, 5.6, 5.9].map((hops, tenths) =>
      fullAndQuick(
        {
          what: `${10 * tenths} % fail`,
          bounds: [atMost('wrongAnswers', 0), atMost('pathMean', hops + 0.3)],
          figures: ['sent', 'delivered', 'lost', 'wholeMs', 'judged', 'violations'],
        },
        `ring --nodes 1000 --view 1 --successors 20 --fail ${tenths / 10}`,
        `ring --nodes 40 --view 1 --successors 20 --fail ${tenths / 10} --messages 100`,
      ),
    ),
  },
  {
    id: 'C2',
    name: 'every order of joins, failures, stabilize and rectify; then orders drawn by chance',
    target: 'the invariant holds after every step',
    anchor: 'published Chord violates all seven of its own',
    runs: [
      fullAndQuick(
        {
          what: '4 members and a joiner, lists of 2, six events, every order',
          bounds: [atMost('violations', 0), atLeast('states', 1_000)],
          figures: ['transitions'],
        },
        'ring-model --members 4 --joiners 1 --successors 2 --events 6',
        'ring-model --members 3 --joiners 1 --successors 2 --events 3',
      ),
      fullAndQuick(
        {
          what: '8 members and 4 joiners, lists of 3, 1,000 seeds of 60 events',
          bounds: [atMost('violations', 0), atLeast('transitions', 50_000)],
          figures: ['states'],
        },
        'ring-model --search random --members 8 --joiners 4 --successors 3 --spare 4 --events 60 --seeds 1000',
        'ring-model --search random --members 8 --joiners 4 --successors 3 --spare 4 --events 60 --seeds 10',
      ),
    ],
  },
  {
    id: 'C3',
    name: 'SplitNode under InsertValue and GetValue, joiners and successors killed midway',
    target: 'never two responsible for a key; nothing lost while a replica lives',
    anchor: 'keys copied, not moved',
    runs: [1, 2, 3].map((seed) =>
      fullAndQuick(
        {
          what: `12 joins, seed ${seed}`,
          bounds: [
            atMost('responsibleViolations', 0),
            atMost('gaps', 0),
            atMost('lost', 0),
            atLeast('checks', 10_000),
          ],
          figures: ['acked', 'gets', 'getsFresh', 'joinersKilled', 'successorsKilled', 'splitMsP50'],
        },
        `split --seed ${seed}`,
        `split --nodes 6 --splits 3 --values 20 --seed ${seed}`,
      ),
    ),
  },
];
