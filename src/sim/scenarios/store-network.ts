/** How a scenario of the store begins: a network whose nodes have stores, and the account of what is put and read in it. */

import { formNetwork, type FormedNetwork } from './formation.ts';
import type { Progress } from './scenario.ts';
import { storeConfigOf, type StoreValues } from './store-options.ts';
import { StoreTraffic } from './store-traffic.ts';

/** Forms the network; nothing is put yet. Gets that miss what was lost are told to `progress`. */
export function formStoreNetwork(
  values: StoreValues,
  progress: Progress,
): FormedNetwork & { readonly traffic: StoreTraffic } {
  const network = formNetwork({ ...values, store: storeConfigOf(values) }, progress);
  const traffic = new StoreTraffic(network.simulation, values);
  traffic.onLost = progress;
  return { ...network, traffic };
}
