/** The scenario `group`: a network forms, then messages are sent to the nodes nearest to keys. */

import { wholeNumber } from '../options.ts';
import { AT_REST_HELP, AT_REST_OPTIONS, runAtRest } from './at-rest.ts';
import { GROUP_SIZE_OPTION, MULTICAST_HELP, sendMulticast } from './multicast.ts';
import type { Scenario } from './scenario.ts';

const OPTIONS = {
  ...AT_REST_OPTIONS,
  messages: wholeNumber('how many messages', { min: 0, max: 100_000_000, fallback: 1_000 }),
  groupSize: GROUP_SIZE_OPTION,
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
    runAtRest(values, progress, (simulation, hardship) =>
      sendMulticast(simulation, { ...values, kind: 'group' }, hardship, progress),
    ),
};
