/** What the scenarios share that let a network come to rest and then send messages through it. */

import { checkLiveness, judgeCompleteness } from '../checkers/liveness.ts';
import { checkLinkAgreement } from '../checkers/safety.ts';
import { measureHeapKiB } from '../memory.ts';
import { ratio, wholeNumber, type OptionValues } from '../options.ts';
import type { Simulation } from '../simulator.ts';
import { formNetwork, stopRepair } from './formation.ts';
import { Hardship, HARDSHIP_OPTIONS } from './hardship.ts';
import { heapNumbers, joinNumbers, networkNumbers } from './network-numbers.ts';
import { NETWORK_OPTIONS } from './network-options.ts';
import type { Progress, ScenarioOutcome } from './scenario.ts';

export const AT_REST_OPTIONS = {
  ...NETWORK_OPTIONS,
  view: ratio('each node knows each other one with this probability; without it they join one by one', null),
  joinInterval: wholeNumber('time between two joins, ms', { min: 0, max: 3_600_000, fallback: 100 }),
  ...HARDSHIP_OPTIONS,
} as const;

export type AtRestValues = OptionValues<typeof AT_REST_OPTIONS>;

/** Lines of help: how the network comes about, and what is printed of it. */
export const AT_REST_HELP = {
  network: [
    'All nodes start at once and know each other with probability --view (the server is up), or join one after another.',
    'When links are at rest (no change for 6 s, or for 11 while attempts go on; every table complete by its own judgement;',
    'at most 120 s), messages are sent from random nodes.',
    '',
  ],
  numbers: [
    'joinMessages    lookups, offers, answers and pings that a node set out until the messages began',
    'complete        nodes whose table holds every node that belongs in a bucket with room, by the oracle',
  ],
} as const;

/** Forms the network, lets `send` do its work in it, and puts the numbers of both together. */
export function runAtRest(
  values: AtRestValues,
  progress: Progress,
  send: (simulation: Simulation, hardship: Hardship) => ScenarioOutcome,
): ScenarioOutcome {
  const heapBefore = measureHeapKiB();
  const { simulation, safety, isQuiet } = formNetwork(values, progress);
  const quietAt = simulation.now;
  if (values.repair === 'off') stopRepair(simulation);
  const joining = joinNumbers(simulation);
  const completeness = judgeCompleteness(simulation);
  const hasFaults = values.blocked > 0 || values.repair === 'off';
  const quietFindings = [
    ...(isQuiet ? checkLinkAgreement(simulation) : []),
    ...(hasFaults ? [] : checkLiveness(simulation, completeness)),
  ];

  const sent = send(simulation, new Hardship(simulation, values));
  safety.checkAll();
  return {
    numbers: {
      ...sent.numbers,
      ...joining,
      ...networkNumbers(simulation, completeness),
      quiet: isQuiet,
      quietMs: quietAt,
      ...heapNumbers(simulation, heapBefore),
    },
    findings: [...safety.findings, ...quietFindings, ...sent.findings],
  };
}
