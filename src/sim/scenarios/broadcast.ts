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
    runAtRest(values, progress, (simulation, hardship) => {
      const options = { kind: 'broadcast', groupSize: 1, perSecond: BROADCASTS_PER_SECOND } as const;
      return sendMulticast(simulation, values.messages, options, hardship, progress);
    }),
};

/** A node passes on two a second of one origin, and whole networks are at work on each. */
const BROADCASTS_PER_SECOND = 10;
