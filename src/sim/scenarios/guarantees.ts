/**
 * The scenario `guarantees`: what a network with complete tables promises, checked as numbers at rest and after every one
 * of many joins and leaves.
 */

import { asNodeId } from '../../core/id/node-id.ts';
import type { Finding } from '../checkers/finding.ts';
import { countAccepted, LinkGraph } from '../checkers/guarantees.ts';
import { checkLiveness, judgeCompleteness } from '../checkers/liveness.ts';
import { choice, ratio, wholeNumber, type OptionValues } from '../options.ts';
import { SeededRandom } from '../random.ts';
import type { Simulation } from '../simulator.ts';
import { removeNode } from './departure.ts';
import { runUntilQuiet, formNetwork } from './formation.ts';
import { HopProbe } from './hop-probe.ts';
import { Multicast } from './multicast.ts';
import { networkNumbers } from './network-numbers.ts';
import { configOf, NETWORK_OPTIONS } from './network-options.ts';
import type { Progress, Scenario, ScenarioOutcome } from './scenario.ts';

const OPTIONS = {
  ...NETWORK_OPTIONS,
  profile: choice('links to every contact, or limits of a browser tab', ['reference', 'browser']),
  bucketSize: wholeNumber('contacts in a bucket, and nodes in a close group', {
    min: 1,
    max: 1_000,
    fallback: 4,
  }),
  joinInterval: wholeNumber('time between two joins at first, ms', { min: 0, max: 3_600_000, fallback: 20 }),
  events: wholeNumber('joins and leaves, by chance', { min: 0, max: 1_000_000, fallback: 100 }),
  crashes: ratio('share of the leaves that are without a goodbye', 0.25),
  pairs: wholeNumber('messages from node to node in each check', { min: 1, max: 100_000, fallback: 100 }),
} as const;

export const GUARANTEES: Scenario<typeof OPTIONS> = {
  name: 'guarantees',
  summary: 'what complete tables promise, at rest and after every join and leave',
  help: [
    'When links are quiet, and again after each join or leave, these are checked; B is the largest number of buckets in a',
    'table, k the --bucket-size. Whatever is broken is a finding, with exit code 3.',
    '',
    'hopsSlackMin       B - 1 less the most hops of a message to a node; never below 0 (1 hop is always allowed)',
    'copiesSlackMin     B less the most copies of such a message over links; never below 0',
    'groupCopiesMax     most copies of a message to a group of k beyond the hops to its first member; never above 2 · k, and',
    '                   every member gets it once, and nobody else',
    'acceptedSlackMin   B · k less the most links that others dialled to one node; never below 0',
    'groupGaps          pairs of a close group (of keys, and of each node itself) that are not linked; with the profile',
    '                   browser: of which neither knows the other, or that need more than two hops; never above 0',
    'waysMin            ways between two nodes with different first hops that go nearer with every step, at most k;',
    '                   never below k, or the number of links where a node has fewer',
  ].join('\n'),
  options: OPTIONS,
  run,
};

function run(values: OptionValues<typeof OPTIONS>, progress: Progress): ScenarioOutcome {
  const { simulation, safety } = formNetwork(values, progress);
  const random = new SeededRandom(values.seed, EVENT_STREAM);
  const checks = new Checks(simulation, values, random);
  checks.check('at rest');
  for (let event = 1; event <= values.events; event++) {
    const what = change(simulation, values, random);
    runUntilQuiet(simulation, values, progress);
    checks.check(`event ${event}, ${what}`);
    progress(`${event} of ${values.events} joins and leaves`);
    if (checks.findings.length >= FINDINGS_MAX) break;
  }
  checks.finish();
  safety.checkAll();
  const completeness = judgeCompleteness(simulation);
  return {
    numbers: { ...checks.numbers(), ...networkNumbers(simulation, completeness) },
    findings: [...safety.findings, ...checks.findings],
  };
}

/** One node more or one less; by chance, and so that the size stays near the one asked for. */
function change(
  simulation: Simulation,
  values: OptionValues<typeof OPTIONS>,
  random: SeededRandom,
): 'join' | 'leave' | 'crash' {
  const live = simulation.liveNodes();
  const isJoin = live.length < 3 || random.below(2 * values.nodes) >= live.length;
  if (isJoin) {
    simulation.start(simulation.addNode({ config: configOf(values) }));
    return 'join';
  }
  const victim = live[random.below(live.length)]!;
  const isCrash = random.fraction() < values.crashes;
  removeNode(simulation, victim, isCrash ? 'silent' : 'leave');
  // Nothing shows yet that a killed tab is gone: its links have to time out first.
  simulation.runUntil(simulation.now + (isCrash ? CRASH_SEEN_MS : LEAVE_SEEN_MS));
  return isCrash ? 'crash' : 'leave';
}

class Checks {
  readonly findings: Finding[] = [];
  readonly #simulation: Simulation;
  readonly #values: OptionValues<typeof OPTIONS>;
  readonly #random: SeededRandom;
  readonly #probe: HopProbe;
  #count = 0;
  #messages = 0;
  #hopsMax = 0;
  #bucketsMax = 0;
  #hopsSlack = Infinity;
  #copiesSlack = Infinity;
  #acceptedMax = 0;
  #acceptedSlack = Infinity;
  #tooManyAccepted: string | undefined;
  readonly #groupSending: Multicast;
  #copiesBeyondPath = -Infinity;
  #groups = 0;
  #groupGaps = 0;
  #waysMin = Infinity;

  constructor(simulation: Simulation, values: OptionValues<typeof OPTIONS>, random: SeededRandom) {
    this.#simulation = simulation;
    this.#values = values;
    this.#random = random;
    this.#probe = new HopProbe(simulation, random);
    this.#groupSending = new Multicast(
      simulation,
      { kind: 'group', groupSize: values.bucketSize, timeoutMs: GROUP_TIMEOUT_MS, isEndpoint: () => true },
      FIRST_GROUP_NUMBER,
    );
  }

  check(when: string): void {
    this.#count++;
    const completeness = judgeCompleteness(this.#simulation);
    for (const finding of checkLiveness(this.#simulation, completeness)) this.findings.push(finding);
    const graph = new LinkGraph(this.#simulation);
    this.#bucketsMax = Math.max(this.#bucketsMax, graph.buckets);
    this.#checkGroups(graph, when);
    this.#checkAccepted(graph, when);
    this.#checkWays(graph, when);
    this.#checkMessages(graph.buckets, when);
    this.#checkGroupMessages(when);
  }

  /** After the last check. */
  finish(): void {
    if (this.#tooManyAccepted !== undefined) this.#fail('safety', this.#tooManyAccepted);
  }

  numbers(): Record<string, number> {
    return {
      checks: this.#count,
      messages: this.#messages,
      bucketsMax: this.#bucketsMax,
      hopsMax: this.#hopsMax,
      hopsSlackMin: this.#hopsSlack,
      copiesSlackMin: this.#copiesSlack,
      acceptedMax: this.#acceptedMax,
      acceptedSlackMin: this.#acceptedSlack,
      groupCopiesMax: this.#copiesBeyondPath,
      groups: this.#groups,
      groupGaps: this.#groupGaps,
      waysMin: this.#waysMin,
    };
  }

  #checkMessages(buckets: number, when: string): void {
    const hopsBound = Math.max(1, buckets - 1);
    for (const { hops, copies, problem } of this.#probe.send(this.#values.pairs)) {
      this.#messages++;
      if (problem !== undefined) {
        this.#fail('liveness', `${when}: ${problem}`);
        continue;
      }
      this.#hopsMax = Math.max(this.#hopsMax, hops);
      this.#hopsSlack = Math.min(this.#hopsSlack, hopsBound - hops);
      this.#copiesSlack = Math.min(this.#copiesSlack, buckets - copies);
      if (hops > hopsBound)
        this.#fail('safety', `${when}: a message took ${hops} hops, allowed are ${hopsBound}`);
      if (copies > buckets)
        this.#fail('safety', `${when}: a message took ${copies} copies, allowed are ${buckets}`);
    }
  }

  #checkGroupMessages(when: string): void {
    const bound = 2 * this.#values.bucketSize;
    for (const { isComplete, copiesBeyondPath, problem } of this.#groupSending.sendSome(GROUP_MESSAGES)) {
      this.#copiesBeyondPath = Math.max(this.#copiesBeyondPath, copiesBeyondPath);
      if (!isComplete) this.#fail('safety', `${when}: a message to a group ${problem}`);
      if (copiesBeyondPath > bound)
        this.#fail('safety', `${when}: a message to a group took ${copiesBeyondPath} copies beyond its path`);
    }
  }

  #checkAccepted(graph: LinkGraph, when: string): void {
    const bound = graph.buckets * this.#values.bucketSize;
    for (const node of graph.nodes) {
      const accepted = countAccepted(node);
      this.#acceptedMax = Math.max(this.#acceptedMax, accepted);
      const slack = bound - accepted;
      // Said once, of the worst: who was there first stays in everybody's table, so it would be the same node each time.
      if (slack < 0 && slack < this.#acceptedSlack)
        this.#tooManyAccepted = `${when}: ${accepted} nodes linked to node ${node.index}, allowed are ${bound}`;
      this.#acceptedSlack = Math.min(this.#acceptedSlack, slack);
    }
  }

  #checkGroups(graph: LinkGraph, when: string): void {
    const isRationed = this.#values.profile === 'browser';
    const keys = graph.nodes.map((node) => node.id);
    for (let i = 0; i < KEYS; i++) keys.push(asNodeId(this.#random.bytes(32)));
    for (const key of keys) {
      this.#groups++;
      const gaps = graph.gapsIn(graph.closeGroup(key, this.#values.bucketSize), isRationed);
      this.#groupGaps += gaps.length;
      const [first] = gaps;
      if (first !== undefined)
        this.#fail(
          'safety',
          `${when}: nodes ${first[0].index} and ${first[1].index} of one close group are apart`,
        );
    }
  }

  #checkWays(graph: LinkGraph, when: string): void {
    for (let i = 0; i < WAYS_CHECKED && graph.nodes.length > 1; i++) {
      const from = graph.nodes[this.#random.below(graph.nodes.length)]!;
      const to = graph.nodes[this.#random.below(graph.nodes.length)]!;
      if (from === to) continue;
      const wanted = Math.min(this.#values.bucketSize, graph.nodes.length - 1);
      const ways = graph.countWays(from, to, wanted);
      this.#waysMin = Math.min(this.#waysMin, ways);
      if (ways < wanted)
        this.#fail(
          'safety',
          `${when}: ${ways} ways from node ${from.index} to node ${to.index}, wanted are ${wanted}`,
        );
    }
  }

  #fail(family: Finding['family'], sentence: string): void {
    this.findings.push({ family, at: this.#simulation.now, sentence });
  }
}

const EVENT_STREAM = 53;
const KEYS = 20;
const GROUP_MESSAGES = 5;
const GROUP_TIMEOUT_MS = 10_000;
/** Messages between nodes have smaller numbers. */
const FIRST_GROUP_NUMBER = 2 ** 30;
const WAYS_CHECKED = 50;
const LEAVE_SEEN_MS = 200;
/** Browsers see a killed tab after 5-6 s; its peers then tell the others, who ask it themselves before they believe it. */
const CRASH_SEEN_MS = 11_000;
const FINDINGS_MAX = 20;
