/** The scenario `signaling-cost`: bytes through the signaling server until every node's table is complete in truth. */

import { checkLiveness, judgeCompleteness } from '../checkers/liveness.ts';
import { rounded } from '../figures.ts';
import { wholeNumber, type OptionValues } from '../options.ts';
import { startOneByOne } from './formation.ts';
import { networkNumbers } from './network-numbers.ts';
import { createSimulation, NETWORK_OPTIONS } from './network-options.ts';
import type { Progress, Scenario, ScenarioOutcome } from './scenario.ts';

const OPTIONS = {
  ...NETWORK_OPTIONS,
  joinInterval: wholeNumber('time between two joins, ms', { min: 0, max: 3_600_000, fallback: 500 }),
} as const;

export const SIGNALING_COST: Scenario<typeof OPTIONS> = {
  name: 'signaling-cost',
  summary: 'bytes at the signaling server until all nodes are complete',
  help: [
    'Nodes join one after another. The count stops when every table is complete by the oracle, at most 120 s after the',
    'last join. Counted are messages with their WebSocket headers, in and out; not the HTTP upgrade and the pings.',
  ].join('\n'),
  options: OPTIONS,
  run,
};

function run(values: OptionValues<typeof OPTIONS>, progress: Progress): ScenarioOutcome {
  const simulation = createSimulation(values);
  startOneByOne(simulation, values, values.joinInterval, progress);
  let completeness = judgeCompleteness(simulation);
  simulation.runWhile(
    () => {
      progress(`${completeness.complete} of ${values.nodes} complete, ${Math.round(simulation.now)} ms`);
      // A node that doubts its own table saves the look at it.
      if (simulation.nodes.every((node) => node.claimsComplete || values.nodes === 1)) {
        completeness = judgeCompleteness(simulation);
      }
      return completeness.complete < values.nodes;
    },
    LOOK_EVERY_MS,
    simulation.now + WAIT_MS_MAX,
  );
  completeness = judgeCompleteness(simulation);
  const { bytesIn, bytesOut } = simulation.server;
  return {
    numbers: {
      serverBytesIn: bytesIn,
      serverBytesOut: bytesOut,
      serverBytesPerNode: rounded((bytesIn + bytesOut) / values.nodes),
      ...networkNumbers(simulation, completeness),
    },
    findings: values.blocked > 0 ? [] : checkLiveness(simulation, completeness),
  };
}

const LOOK_EVERY_MS = 100;
const WAIT_MS_MAX = 120_000;
