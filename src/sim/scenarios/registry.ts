/** All scenarios by name. A new one is added here and nowhere else. */

import { BROADCAST } from './broadcast.ts';
import { CHURN } from './churn.ts';
import { CRASH } from './crash.ts';
import { DELIVER } from './deliver.ts';
import { FLASH } from './flash.ts';
import { GROUP } from './group.ts';
import { GUARANTEES } from './guarantees.ts';
import { JOIN } from './join.ts';
import { LINKS } from './links.ts';
import { PARTITION } from './partition.ts';
import { RING } from './ring.ts';
import { RING_MODEL } from './ring-model.ts';
import type { Scenario } from './scenario.ts';
import { SIGNALING_COST } from './signaling-cost.ts';
import { SPLIT } from './split.ts';
import { STORE_CHURN } from './store-churn.ts';
import { STORE_COST } from './store-cost.ts';
import { STORE_CRASH } from './store-crash.ts';
import { STORE_JOIN_LEAVE } from './store-join-leave.ts';
import { STORE_SPAM } from './store-spam.ts';
import { STORE_SCENARIO } from './store.ts';

/** Scenarios in the order of the help. The command line reads each one's options by its own specs. */
export const SCENARIOS = [
  DELIVER,
  GROUP,
  BROADCAST,
  JOIN,
  SIGNALING_COST,
  CRASH,
  CHURN,
  FLASH,
  PARTITION,
  LINKS,
  GUARANTEES,
  RING,
  RING_MODEL,
  STORE_SCENARIO,
  STORE_COST,
  STORE_CHURN,
  STORE_CRASH,
  STORE_JOIN_LEAVE,
  STORE_SPAM,
  SPLIT,
] as unknown as readonly Scenario[];

export function findScenario(name: string): Scenario | undefined {
  return SCENARIOS.find((scenario) => scenario.name === name);
}
