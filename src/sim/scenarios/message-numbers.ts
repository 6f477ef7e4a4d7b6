/** What a scenario prints about its messages, computed from their accounts. */

import { maxOf, meanOf, percentDown, percentile, rounded } from '../figures.ts';
import type { TrafficMeter } from '../traffic-meter.ts';
import { isDelivered, type Account } from './account.ts';
import type { ResultValue } from './scenario.ts';

/** The numbers of a whole run, as targets are worded. Only accounts that count. */
export function messageNumbers(
  accounts: readonly Account[],
  meter: TrafficMeter,
): Record<string, ResultValue> {
  const counted = accounts.filter((account) => account.counts);
  const sent = counted.length;
  const delivered = counted.filter(isDelivered);
  const closest = counted.filter((account) => account.kind === 'closest');
  const atTrueNearest = delivered.filter((account) => account.kind === 'closest').length;
  const hops = delivered.map((account) => account.hops);
  const latencies = counted.filter((a) => a.isAccepted).map((a) => a.settledAt - a.sentAt);
  const closestOfAll = accounts.filter((account) => account.kind === 'closest').length;
  return {
    sent,
    delivered: delivered.length,
    deliveredPercent: percentDown(delivered.length, sent),
    closestSent: closest.length,
    atTrueNearest,
    atTrueNearestPercent: percentDown(atTrueNearest, closest.length),
    handledTwice: counted.filter((account) => account.deliveries > 1).length,
    handledWrong: counted.filter((account) => account.deliveries > account.rightDeliveries).length,
    failures: failuresOf(counted),
    hopsMean: meanOf(hops),
    hopsMax: maxOf(hops),
    // Copies cannot be told apart by message: those of messages that do not count are among them, hence all accounts.
    transmissionsMean: perMessage(meter.closestCopies + meter.directCopies, accounts.length),
    transmissionsMeanClosest: perMessage(meter.closestCopies, closestOfAll),
    transmissionsMeanDirect: perMessage(meter.directCopies, accounts.length - closestOfAll),
    acksMean: perMessage(meter.acks, accounts.length),
    bytesMean: perMessage(meter.appBytes, accounts.length),
    latencyMsP50: percentile(latencies, 0.5),
    latencyMsP99: percentile(latencies, 0.99),
  };
}

/** What senders were told of messages that failed, `timeout 3, unreachable 1`; empty when none did. */
function failuresOf(accounts: readonly Account[]): string {
  const counts = new Map<string, number>();
  for (const account of accounts) {
    if (account.isAccepted) continue;
    const reason = account.settledAt < 0 ? 'none' : (account.reason ?? 'wrong reply');
    counts.set(reason, (counts.get(reason) ?? 0) + 1);
  }
  return [...counts].map(([reason, count]) => `${reason} ${count}`).join(', ');
}

function perMessage(total: number, count: number): number | null {
  return count === 0 ? null : rounded(total / count);
}
