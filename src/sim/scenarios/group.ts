/** The scenario `group`: a network forms, then messages are sent to the nodes nearest to keys. */

import { wholeNumber } from '../options.ts';
import { AT_REST_HELP, AT_REST_OPTIONS, runAtRest } from './at-rest.ts';
import { MULTICAST_HELP, sendMulticast } from './multicast.ts';
import type { Scenario } from './scenario.ts';

const OPTIONS = {
  ...AT_REST_OPTIONS,
  messages: wholeNumber('how many messages', { min: 0, max: 100_000_000, fallback: 1_000 }),
  groupSize: wholeNumber('members of each group', { min: 1, max: 32, fallback: 8 }),
} as const;

export const GROUP: Scenario<typeof OPTIONS> = {
  name: 'group',
  summary: 'a network forms, then messages are sent to close groups',
  help: [
    ...AT_REST_HELP.network,
    'delivered         every member of the group handled it exactly once, and nobody else did',
    'copiesBeyondPath  copies beyond the hops to the first member',
    ...MULTICAST_HELP,
    ...AT_REST_HELP.numbers,
  ].join('\n'),
  options: OPTIONS,
  run: (values, progress) =>
    runAtRest(values, progress, (simulation, hardship) => {
      const { groupSize, messages, nodes } = values;
      const options = { kind: 'group', groupSize, perSecond: nodes } as const;
      return sendMulticast(simulation, messages, options, hardship, progress);
    }),
};
