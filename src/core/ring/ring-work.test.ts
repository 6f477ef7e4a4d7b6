/** Goal: a range is split and a value taken for work, where a node asks for it, and nobody works in vain. Method: a few real nodes in a box; a counting or a greedy checker. */

import { describe, expect, test } from 'vitest';
import { Box, type BoxNode, type BoxOptions } from '../../test-support/box.ts';
import { createKeys, sign, testPorts, type TestKeys } from '../../test-support/keys.ts';
import { SeededRandom } from '../../test-support/seeded-random.ts';
import { FOR_INSERT, FOR_LINK, FOR_SPLIT, FOR_STORE } from '../admission/ask.ts';
import { Admission } from '../admission/checker.ts';
import { findSolution } from '../admission/work.ts';
import type { NodeContext } from '../context.ts';
import { asNodeId, compareIds, sameId, toHex, type NodeId } from '../id/node-id.ts';
import type { CryptoRequest } from '../io.ts';
import { encodeRecord, recordSignedBytes } from '../store/record.ts';
import { frameBody, FRAME_KINDS, readFrame, SERVICES } from '../wire/frame.ts';
import type { RingAsk } from './ring-io.ts';
import {
  readInsertAnswer,
  readRing,
  readSplitAnswer,
  writeRing,
  type InsertAnswer,
  type RingRequest,
  type SplitAnswer,
} from './rpc.ts';

const BITS = 6;
/** Where a wrong solution is not to be right by chance. */
const SURE_BITS = 12;
const KEY = asNodeId(new Uint8Array(32).fill(0x77));
const HOUR = 3_600_000;
const PORTS = testPorts(new SeededRandom(1));

/** What a checker was asked, and what came of it. */
interface Check {
  readonly purpose: number;
  readonly requester: NodeId;
  readonly checker: NodeId;
  readonly isAdmitted: boolean;
}

/** Asks for everything that the usual one does, and writes it down. */
class Counting extends Admission {
  readonly #checks: Check[];

  constructor(checks: Check[]) {
    super();
    this.#checks = checks;
  }

  override demand(
    ctx: NodeContext,
    asked: Parameters<Admission['demand']>[1],
    solution: Uint8Array | undefined,
  ): Uint8Array | undefined {
    const demand = super.demand(ctx, asked, solution);
    const { purpose, requester } = asked;
    this.#checks.push({ purpose, requester, checker: ctx.self.id, isAdmitted: demand === undefined });
    return demand;
  }
}

/** Lets everybody link and store. */
class RingOnly extends Admission {
  override demandForLink(): undefined {
    return undefined;
  }
  override demandForStore(): undefined {
    return undefined;
  }
}

/** Is content with no solution. */
class Insatiable extends RingOnly {
  override demand(ctx: NodeContext, asked: Parameters<Admission['demand']>[1]): Uint8Array | undefined {
    return super.demand(ctx, asked, undefined);
  }
}

function counted(count: number, seed: number): { box: Box; nodes: BoxNode[]; checks: Check[] } {
  const checks: Check[] = [];
  const box = new Box({
    ring: true,
    seed,
    config: { admissionBits: BITS },
    admission: () => new Counting(checks),
  });
  const nodes = box.openAll(count);
  box.pass(5_000);
  return { box, nodes, checks };
}

/** A ring that asks for so much work, unless the options say otherwise. */
function ringOf(count: number, options: BoxOptions): { box: Box; nodes: BoxNode[] } {
  const box = new Box({ ring: true, config: { admissionBits: BITS }, ...options });
  const nodes = box.openAll(count);
  box.pass(5_000);
  return { box, nodes };
}

/** The first node at or after a key. */
function ownerOf(nodes: readonly BoxNode[], of: NodeId): BoxNode {
  const sorted = nodes.toSorted((a, b) => compareIds(a.id, b.id));
  return sorted.find(({ id }) => compareIds(id, of) >= 0) ?? sorted[0]!;
}

const insertOf = (value: number, key = KEY): RingAsk => ({
  op: 'insert-value',
  kind: 'shared',
  key,
  value: Uint8Array.of(value),
  lifeMs: HOUR,
  salt: new Uint8Array(0),
});

/** Requests of the ring that go over links from now on. */
function watchRequests(box: Box): { readonly from: BoxNode; readonly request: RingRequest }[] {
  const seen: { readonly from: BoxNode; readonly request: RingRequest }[] = [];
  box.filter = (from, _to, sent) => {
    if (sent[1] === FRAME_KINDS.direct && sent[3] === SERVICES.indexOf('ring')) {
      const frame = readFrame(sent, 6, 20);
      const request = typeof frame === 'string' ? undefined : readRing(frameBody(frame));
      if (request !== undefined) seen.push({ from, request });
    }
    return sent;
  };
  return seen;
}

const rangeOf = (box: Box, { node }: BoxNode): NodeId | undefined => node.store!.range!(box.now)?.after;

function expectWholeRing(box: Box, nodes: readonly BoxNode[]): void {
  const sorted = nodes.toSorted((a, b) => compareIds(a.id, b.id));
  sorted.forEach((node, i) => expect(rangeOf(box, node)).toEqual(sorted.at(i - 1)!.id));
}

test('[AW11] [AW12] in a ring that asks for work joiners split and values are inserted, each for a solution', () => {
  const { box, nodes, checks } = counted(6, 1);
  expectWholeRing(box, nodes);
  const [, ...joiners] = nodes;
  const split = checks.filter(({ purpose }) => purpose === FOR_SPLIT);
  for (const { id } of joiners) {
    const own = split.filter(({ requester }) => sameId(requester, id));
    expect(own[0]?.isAdmitted).toBe(false);
    expect(own.filter(({ isAdmitted }) => isAdmitted).length).toBeGreaterThan(0);
  }
  checks.length = 0;
  const owner = ownerOf(nodes, KEY);
  nodes.forEach((node, i) => {
    expect(box.ring(node, insertOf(i))).toMatchObject({ owner: owner.id, copies: 2 });
    box.pass(500);
  });
  const writers = nodes.filter((node) => node !== owner).map(({ id }) => toHex(id));
  const inserts = checks.filter(({ purpose }) => purpose === FOR_INSERT);
  for (const isAdmitted of [false, true]) {
    const some = inserts.filter((one) => one.isAdmitted === isAdmitted);
    expect(some.map(({ requester }) => toHex(requester))).toEqual(writers);
    expect(some.every(({ checker }) => sameId(checker, owner.id))).toBe(true);
  }
  // Its copies cost the owner nothing.
  expect(checks.filter(({ purpose }) => purpose === FOR_STORE)).toEqual([]);
  expect(box.ring(nodes[0]!, { op: 'get-value', key: KEY }).found).toHaveLength(6);
});

test('[AW11] many pages are had for one solution', () => {
  const { box, nodes, checks } = counted(2, 3);
  for (let i = 0; i < 12; i++) {
    const key = asNodeId(box.random.bytes(32));
    box.ring(nodes[0]!, { ...insertOf(i, key), value: new Uint8Array(20_000).fill(i) } as RingAsk);
  }
  checks.length = 0;
  const seen = watchRequests(box);
  const joiner = box.open(box.newKeys());
  box.settle();
  box.pass(5_000);
  const pages = seen.flatMap(({ from, request }) =>
    from === joiner && request.op === 'split-node' ? [request.page] : [],
  );
  expect(Math.max(...pages)).toBeGreaterThan(1);
  const shown = seen.flatMap(({ from, request }) =>
    from === joiner && request.op === 'split-node' ? [request.solution !== undefined] : [],
  );
  expect(shown).toEqual(pages.map((_, i) => i > 0));
  const split = checks.filter(({ purpose }) => purpose === FOR_SPLIT);
  expect(split.map(({ isAdmitted }) => isAdmitted)).toEqual([false, true]);
  expect(rangeOf(box, joiner)).toBeDefined();
});

test('[AW1] a ring that asks for none has none done, and nothing is shown', () => {
  const works: CryptoRequest[] = [];
  const cryptoMs = (request: CryptoRequest): number => {
    if (request.type === 'work' || request.type === 'cancel') works.push(request);
    return 0;
  };
  const { box, nodes } = ringOf(3, { seed: 4, config: {}, cryptoMs });
  const seen = watchRequests(box);
  nodes.push(box.open());
  box.settle();
  for (const node of nodes) expect(box.ring(node, insertOf(1)).reason).toBeUndefined();
  expectWholeRing(box, nodes);
  expect(new Set(seen.map(({ request }) => request.op))).toContain('split-node');
  expect(seen.filter(({ request }) => 'solution' in request)).toEqual([]);
  expect(works).toEqual([]);
});

describe('what is shown to an owner', () => {
  /** An owner of every key, and how a stranger talks to it. */
  function stage(): {
    readonly box: Box;
    readonly owner: BoxNode;
    readonly stranger: TestKeys;
    readonly split: (by: TestKeys, solution?: Uint8Array, visit?: number, origin?: TestKeys) => SplitAnswer;
    readonly insert: (by: TestKeys, record: Uint8Array, solution?: Uint8Array) => InsertAnswer | undefined;
    readonly solve: (by: TestKeys, purpose: number, demand: Uint8Array, record?: Uint8Array) => Uint8Array;
  } {
    const box = new Box({ ring: true, seed: 5, config: { admissionBits: SURE_BITS } });
    const owner = box.open(box.newKeys());
    box.pass(2_000);
    const stranger = createKeys(box.random, 1, 'chord');
    function ask(by: TestKeys, request: RingRequest): Uint8Array | undefined {
      let said: Uint8Array | undefined;
      const asker = { origin: by.id, via: '', service: 'ring' } as const;
      box.input(owner, { type: 'wake' });
      box.act(owner, () =>
        owner.node.store!.onRequest(writeRing(request), asker, (answer) => {
          said = answer;
        }),
      );
      box.pass(50);
      return said;
    }
    const shown = (solution: Uint8Array | undefined): { solution?: Uint8Array } =>
      solution === undefined ? {} : { solution };
    return {
      box,
      owner,
      stranger,
      split: (by, solution, visit = 1, origin = by) =>
        readSplitAnswer(
          ask(origin, {
            op: 'split-node',
            record: by.record,
            visit: new Uint8Array(8).fill(visit),
            page: 0,
            ...shown(solution),
          })!,
        )!,
      insert: (by, record, solution) => {
        const copy = { record, lifeMs: HOUR, ageMs: 0 };
        const said = ask(by, { op: 'insert-value', copy, cas: undefined, ...shown(solution) });
        return said && readInsertAnswer(said);
      },
      solve: (by, purpose, demand, record) => {
        const subject = record === undefined ? {} : { subject: PORTS.hash(record) };
        const task = { type: 'work', demand, bitsMax: 18, purpose, checker: owner.id, ...subject } as const;
        const result = findSolution(task, by.id, PORTS);
        if (result.type !== 'worked' || result.solution === 'too-hard') throw new Error('no solution');
        return result.solution;
      },
    };
  }

  function recordOf({ signingKey }: TestKeys, sequence = 1): Uint8Array {
    const fields = { kind: 'shared', key: KEY, publisher: signingKey, sequence, lifeMs: HOUR } as const;
    const bytes = recordSignedBytes({ ...fields, forgotten: false, value: Uint8Array.of(1) });
    return encodeRecord(bytes, sign(signingKey, bytes));
  }

  test('[AW11] [AW13] a range is had for its own joiner’s solution, and not for any other', () => {
    const { box, stranger, split, solve } = stage();
    const thief = createKeys(box.random, 1, 'chord');
    const { code, demand } = split(stranger);
    expect([code, demand?.length]).toEqual(['work', 33]);
    const solution = solve(stranger, FOR_SPLIT, demand!);
    expect(split(stranger, new Uint8Array(8)).code).toBe('work');
    expect(split(thief, solution).code).toBe('work');
    for (const purpose of [FOR_LINK, FOR_STORE, FOR_INSERT])
      expect(split(stranger, solve(stranger, purpose, demand!)).code).toBe('work');
    // A range is its own node's to ask for.
    expect(split(stranger, solution, 1, thief)).toMatchObject({ code: 'not-responsible', copies: [] });
    expect(split(stranger, solution)).toMatchObject({ code: 'ok', page: 0 });
    // How it ended is told again.
    expect(split(stranger)).toMatchObject({ code: 'ok', page: 0 });
  });

  test('[AW11] [AW13] the solution is good until its time is over, for another stay as well', () => {
    const early = stage();
    const first = early.solve(early.stranger, FOR_SPLIT, early.split(early.stranger).demand!);
    early.box.pass(60_000);
    expect(early.split(early.stranger, first, 2).code).toBe('ok');
    const late = stage();
    const second = late.solve(late.stranger, FOR_SPLIT, late.split(late.stranger).demand!);
    late.box.pass(121_000);
    expect(late.split(late.stranger, second).code).toBe('work');
  });

  test('[AW12] [AW13] a value is taken for the solution of its own record, before which no signature is checked', () => {
    const { box, stranger, insert, solve, owner } = stage();
    const record = recordOf(stranger);
    const said = insert(stranger, record);
    expect(said).toMatchObject({ code: 'work', sequence: 0, held: 0 });
    // One that nobody signed is asked for work all the same.
    const forged = Uint8Array.from(record);
    forged[forged.length - 1]! ^= 1;
    expect(insert(stranger, forged)?.code).toBe('work');
    const solution = solve(stranger, FOR_INSERT, said!.demand!, record);
    const thief = createKeys(box.random, 1, 'chord');
    expect(insert(thief, record, solution)?.code).toBe('work');
    expect(insert(stranger, recordOf(stranger, 2), solution)?.code).toBe('work');
    for (const purpose of [FOR_STORE, FOR_SPLIT])
      expect(insert(stranger, record, solve(stranger, purpose, said!.demand!, record))?.code).toBe('work');
    expect(owner.node.held()).toEqual([]);
    expect(insert(stranger, record, solution)).toMatchObject({ code: 'ok', sequence: 1 });
    // What it has byte for byte costs nothing.
    expect(insert(stranger, record)?.code).toBe('ok');
    // Work makes nothing of what is none.
    const worked = solve(stranger, FOR_INSERT, insert(stranger, forged)!.demand!, forged);
    expect(insert(stranger, forged, worked)?.code).toBe('rejected');
  });

  test('[AW12] who is not responsible demands nothing', () => {
    const { box, nodes, checks } = counted(3, 6);
    checks.length = 0;
    const owner = ownerOf(nodes, KEY);
    const [one, other] = nodes.filter((node) => node !== owner) as [BoxNode, BoxNode];
    const said = box.ring(one, { ...insertOf(1), at: other.id } as RingAsk);
    expect(said).toMatchObject({ reason: 'not-responsible', owner: owner.id });
    expect(checks).toEqual([]);
  });
});

describe('whoever works', () => {
  test('[AW14] an insert ends with the reason where the work is too hard or counts for nothing, after one solution', () => {
    const { box, nodes } = ringOf(1, { seed: 8, admission: () => new RingOnly() });
    const frugal = box.open(undefined, { admissionBits: 0, admissionBitsMax: BITS - 1 });
    box.settle();
    const [first] = nodes as [BoxNode];
    expect(box.ring(frugal, insertOf(1))).toMatchObject({ reason: 'too-hard', owner: first.id, copies: 0 });
    expect(first.node.held()).toEqual([]);

    const works: CryptoRequest[] = [];
    const cryptoMs = (request: CryptoRequest): number => {
      if (request.type === 'work' && request.purpose === FOR_INSERT) works.push(request);
      return 0;
    };
    const greedy = ringOf(1, { seed: 8, admission: () => new Insatiable(), cryptoMs });
    const willing = greedy.box.open(undefined, { admissionBits: 0 });
    greedy.box.settle();
    expect(greedy.box.ring(willing, insertOf(1)).reason).toBe('work');
    expect(works).toHaveLength(1);
  });

  test('[AW14] a joiner that is not let in goes without a range, asks again now and then, and the ring goes on', () => {
    for (const isGreedy of [false, true]) {
      const admission = (): Admission => (isGreedy ? new Insatiable() : new RingOnly());
      const { box, nodes } = ringOf(1, { seed: 9, admission });
      const [first] = nodes as [BoxNode];
      const seen = watchRequests(box);
      const bitsMax = isGreedy ? {} : { admissionBitsMax: BITS - 1 };
      const poor = box.open(undefined, { admissionBits: 0, ...bitsMax });
      box.settle();
      box.pass(30_000);
      expect(rangeOf(box, poor)).toBeUndefined();
      const asked = seen.filter(({ from, request }) => from === poor && request.op === 'split-node');
      expect(asked.length).toBeGreaterThan(1);
      expect(asked.length).toBeLessThan(12);
      expect(box.ring(first, insertOf(1)).reason).toBeUndefined();
      expect(box.ring(poor, { op: 'get-value', key: KEY })).toMatchObject({ owner: first.id });
    }
  });

  test('[AW15] work for a call that is over, or for a range when the node leaves, is cancelled and changes nothing', () => {
    const log: CryptoRequest[] = [];
    const cryptoMs = (request: CryptoRequest): number => {
      if (request.type === 'work' || request.type === 'cancel') log.push(request);
      return request.type === 'work' ? 3_000 : 0;
    };
    const { box, nodes } = ringOf(1, { seed: 10, admission: () => new RingOnly(), cryptoMs });
    const [first] = nodes as [BoxNode];
    const seen = watchRequests(box);
    const joiner = box.open(undefined, { admissionBits: 0 });
    box.settle();
    expect(box.ring(joiner, insertOf(1), 1_000).reason).toBe('timeout');
    expect(log.map(({ type }) => type).toSorted()).toEqual(['cancel', 'work', 'work']);
    box.pass(4_000);
    expect(seen.filter(({ request }) => request.op === 'insert-value')).toHaveLength(1);
    expect(rangeOf(box, joiner)).toBeDefined();

    log.length = 0;
    const leaver = box.open(undefined, { admissionBits: 0 });
    for (let ms = 0; !log.some(({ type }) => type === 'work') && ms < 10_000; ms += 10) box.pass(10);
    const before = seen.filter(({ from }) => from === leaver).length;
    box.command(leaver, { type: 'leave', handOver: true });
    expect(log.map(({ type }) => type)).toEqual(['work', 'cancel']);
    box.pass(5_000);
    expect(seen.filter(({ from }) => from === leaver)).toHaveLength(before);
    expect(rangeOf(box, first)).toBeDefined();
  });
});
