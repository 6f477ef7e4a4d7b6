/** The scenario `join`: nodes join one after another through the server; what that costs, and how long it takes. */

import { checkLiveness, judgeCompleteness } from '../checkers/liveness.ts';
import { checkLinkAgreement } from '../checkers/safety.ts';
import { measureHeapKiB } from '../memory.ts';
import { wholeNumber, type OptionValues } from '../options.ts';
import { formNetwork } from './formation.ts';
import { heapNumbers, joinNumbers, networkNumbers, workNumbers } from './network-numbers.ts';
import { NETWORK_OPTIONS } from './network-options.ts';
import type { Progress, Scenario, ScenarioOutcome } from './scenario.ts';

const OPTIONS = {
  ...NETWORK_OPTIONS,
  joinInterval: wholeNumber('time between two joins, ms', { min: 0, max: 3_600_000, fallback: 100 }),
} as const;

export const JOIN: Scenario<typeof OPTIONS> = {
  name: 'join',
  summary: 'nodes join one after another through the server until their tables are complete',
  help: [
    'Ends when links are quiet and every node takes its table for complete, at most 120 s after the last join.',
    '',
    'readyMs, completeMs   from a node’s start until it was ready, and until it first took its table for complete',
    'joinMessages          lookups, offers, answers and pings that a node set out',
    'worksPerJoin, hashesPerJoin   with --work: solutions that a node worked out until all was quiet, and hashes for them',
    'upkeepFramesMean      frames over links for all that, heartbeats and peer lists included, for each node',
  ].join('\n'),
  options: OPTIONS,
  run,
};

function run(values: OptionValues<typeof OPTIONS>, progress: Progress): ScenarioOutcome {
  const heapBefore = measureHeapKiB();
  const { simulation, safety, isQuiet } = formNetwork(values, progress);
  const completeness = judgeCompleteness(simulation);
  safety.checkAll();
  const { upkeepFrames, upkeepBytes } = simulation.meter;
  return {
    numbers: {
      ...joinNumbers(simulation),
      ...workNumbers(simulation, 'Join', values.nodes),
      upkeepFramesMean: Math.round(upkeepFrames / values.nodes),
      upkeepBytesMean: Math.round(upkeepBytes / values.nodes),
      ...networkNumbers(simulation, completeness),
      quiet: isQuiet,
      ...heapNumbers(simulation, heapBefore),
    },
    findings: [
      ...safety.findings,
      ...(isQuiet ? checkLinkAgreement(simulation) : []),
      ...(values.blocked > 0 ? [] : checkLiveness(simulation, completeness)),
    ],
  };
}
