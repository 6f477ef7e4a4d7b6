/** The scenario `broadcast`: a network forms, then messages are sent to every node. */

import { wholeNumber } from '../options.ts';
import { AT_REST_HELP, AT_REST_OPTIONS, runAtRest } from './at-rest.ts';
import { MULTICAST_HELP, sendMulticast } from './multicast.ts';
import type { Scenario } from './scenario.ts';

const OPTIONS = {
  ...AT_REST_OPTIONS,
  messages: wholeNumber('how many messages', { min: 0, max: 1_000_000, fallback: 100 }),
} as const;

export const BROADCAST: Scenario<typeof OPTIONS> = {
  name: 'broadcast',
  summary: 'a network forms, then messages are sent to all nodes',
  help: [
    ...AT_REST_HELP.network,
    'delivered         every node handled it exactly once',
    'depth             nodes that passed a message on before it arrived',
    ...MULTICAST_HELP,
    ...AT_REST_HELP.numbers,
  ].join('\n'),
  options: OPTIONS,
  run: (values, progress) =>
    runAtRest(values, progress, (simulation, hardship) =>
      sendMulticast(simulation, { ...values, kind: 'broadcast', groupSize: 1 }, hardship, progress),
    ),
};
