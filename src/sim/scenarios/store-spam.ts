/** The scenario `store-spam`: some nodes publish without end; limits hold, and what the others wrote stays. */

import { TABLE_LIMITS, type TableLimits } from '../../core/store/record-table.ts';
import { copiesByValue, countCopies } from '../checkers/copies.ts';
import { TableCaps } from '../checkers/table-caps.ts';
import { meanOf, percentDown, rounded } from '../figures.ts';
import { wholeNumber, type OptionValues } from '../options.ts';
import { drawNodes } from './departure.ts';
import { formNetwork } from './formation.ts';
import { networkNumbers, workDone, workNumbers } from './network-numbers.ts';
import type { Progress, Scenario, ScenarioOutcome } from './scenario.ts';
import { STORE_HELP, STORE_OPTIONS, storeConfigOf } from './store-options.ts';
import { StoreTraffic } from './store-traffic.ts';

const OPTIONS = {
  ...STORE_OPTIONS,
  nodes: wholeNumber('how many nodes, spammers among them', { min: 2, max: 1_000_000, fallback: 300 }),
  values: wholeNumber('how many values each honest node puts', { min: 1, max: 1_000_000, fallback: 10 }),
  spammers: wholeNumber('nodes that publish without end', { min: 0, max: 1_000_000, fallback: 100 }),
  puts: wholeNumber('how many puts they make in all', { min: 0, max: 100_000_000, fallback: 10_000 }),
  recordsMax: wholeNumber('most records of a node (default: the store’s)', {
    min: 1,
    max: 1_000_000,
    fallback: TABLE_LIMITS.recordsMax,
  }),
  accountBytes: wholeNumber('most bytes of a publisher at a node (default: the store’s)', {
    min: 1,
    max: 2 ** 40,
    fallback: TABLE_LIMITS.accountBytesMax,
  }),
} as const;

export const STORE_SPAM: Scenario<typeof OPTIONS> = {
  name: 'store-spam',
  summary: 'some nodes publish without end; limits hold, and what others wrote stays',
  help: [
    'Every honest node puts --values values. Then spammers put --puts others, --at-once at a time, shared, own and immutable in turn,',
    'by the store’s own put. Afterwards another honest node reads every honest value, and the copies that are left are counted.',
    'The limits are checked after every change of any table, by adding up what nodes say they keep.',
    '',
    ...STORE_HELP.map((line) => line.replace(/^written, acked {3}/, 'written, acked, honest ')),
    'spamPuts, spamAcked      puts of spammers, and those acknowledged by anybody',
    'honestPercent     honest values that the reader got; honestCopiesMean: copies left at the nodes truly nearest',
    'heldMax, accountBytesMax, linkBytesMax   the most that any node ever held, for one publisher, from one link',
    'fullNodes         nodes whose table is full at the end',
    'spamPutsPerSecond puts of all spammers for each second of virtual time; with --work their hashes take time',
    'worksPerJoin, hashesPerJoin, …PerHonestPut, …PerSpamPut   with --work: solutions worked out for each, and hashes for them',
    'spamPerPlace      copies of spam that came for each place in a node’s table',
  ].join('\n'),
  options: OPTIONS,
  run,
};

function run(values: OptionValues<typeof OPTIONS>, progress: Progress): ScenarioOutcome {
  const limits: TableLimits = {
    ...TABLE_LIMITS,
    recordsMax: values.recordsMax,
    accountBytesMax: values.accountBytes,
  };
  const store = { ...storeConfigOf(values), limits };
  const { simulation, safety } = formNetwork({ ...values, store }, progress);
  const caps = new TableCaps(simulation, limits);
  const joined = workDone(simulation);
  const joinWork = workNumbers(simulation, 'Join', values.nodes);
  const spammers = drawNodes(simulation, values.spammers, SPAMMER_STREAM);
  const honest = simulation.liveNodes().filter((node) => !spammers.includes(node));
  const traffic = new StoreTraffic(simulation, values);
  traffic.onLost = progress;
  for (const node of honest)
    for (let i = 0; i < values.values; i++) {
      traffic.settle(values.atOnce - 1);
      traffic.publish(node);
    }
  traffic.settle();
  const honestWork = workNumbers(simulation, 'HonestPut', traffic.places.length, joined);
  const written = workDone(simulation);
  const spamFrom = simulation.now;
  traffic.beginBytes();

  const spam = new StoreTraffic(simulation, values, SPAM_STREAM);
  for (let i = 0; i < values.puts && spammers.length > 0; i++) {
    spam.settle(values.atOnce - 1);
    spam.publish(spammers[i % spammers.length]!);
    if (i % PROGRESS_EVERY === 0)
      progress(
        `${i} of ${values.puts} puts, ${caps.recordsMax} records at most, ${caps.fullNodes()} nodes full`,
      );
  }
  spam.settle();
  const spamSeconds = (simulation.now - spamFrom) / 1000;
  const spamWork = workNumbers(simulation, 'SpamPut', spam.places.length, written);
  for (const place of traffic.acknowledged) {
    traffic.settle(values.atOnce - 1);
    const reader = traffic.draw(honest.filter((node) => node !== place.publisher));
    if (reader !== undefined) traffic.read(reader, place);
  }
  traffic.settle();
  safety.checkAll();
  const copies = copiesByValue(simulation);
  const left = traffic.acknowledged.map(
    ({ key, values: [value] }) =>
      countCopies(simulation, copies, { key: key!, value: value! }, values.replicas).there,
  );
  const { read, fresh } = traffic.readCounts();
  return {
    numbers: {
      spamPuts: spam.places.length,
      spamAcked: spam.acknowledged.length,
      spamPutsPerSecond: rounded(spam.places.length / Math.max(0.001, spamSeconds)),
      ...joinWork,
      ...honestWork,
      ...spamWork,
      spamPerPlace: (spam.acknowledged.length * values.replicas) / values.nodes / limits.recordsMax,
      honestPercent: percentDown(fresh, read),
      honestCopiesMean: meanOf(left),
      heldMax: caps.recordsMax,
      bytesMax: caps.bytesMax,
      accountBytesMax: caps.accountBytesMax,
      linkBytesMax: caps.linkBytesMax,
      fullNodes: caps.fullNodes(),
      ...traffic.numbers(),
      ...networkNumbers(simulation),
    },
    findings: [...safety.findings, ...caps.findings(), ...traffic.findings()],
  };
}

const SPAMMER_STREAM = 80;
const SPAM_STREAM = 81;
const PROGRESS_EVERY = 500;
