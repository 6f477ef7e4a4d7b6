/** Goal: a solution counts where, when and for whom it should. Method: the checker of one node, solutions found as nodes find them. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createKeys, testPorts, type TestKeys } from '../../test-support/keys.ts';
import { caseCount, SeededRandom, testSeed } from '../../test-support/seeded-random.ts';
import { Solo } from '../../test-support/solo.ts';
import { createConfig } from '../config.ts';
import { createCounters, type NodeContext } from '../context.ts';
import { createKademlia } from '../geometry/kademlia/kademlia.ts';
import type { CryptoRequest } from '../io.ts';
import { decodeContact } from '../wire/contact.ts';
import { DEMAND_BYTES, FOR_LINK, FOR_STORE } from './ask.ts';
import { Admission, WINDOW_MS } from './checker.ts';
import { findSolution, hasZeroBits } from './work.ts';

const BITS = 6;
const SEED = testSeed(31);
const SUBJECT = new Uint8Array(32).fill(7);

/** A checker with a clock that the test turns. */
class Checker {
  readonly keys: TestKeys;
  readonly ctx: NodeContext;
  readonly admission = new Admission();

  constructor(random: SeededRandom, bits = BITS) {
    this.keys = createKeys(random);
    const ports = testPorts(random);
    const config = createConfig('browser', { admissionBits: bits });
    this.ctx = {
      self: decodeContact(this.keys.record, ports)!,
      config,
      ports,
      geometry: createKademlia(this.keys.id, config),
      admission: this.admission,
      counters: createCounters(),
      now: 0,
      output: () => undefined,
      event: () => undefined,
      crypto: () => 1,
    };
  }

  /** What the checker says to a requester; `undefined` lets it in. */
  demand(
    from: TestKeys,
    solution?: Uint8Array,
    purpose = FOR_LINK,
    subject?: Uint8Array,
  ): Uint8Array | undefined {
    const asked = { purpose, requester: from.id, ...(subject === undefined ? {} : { subject }) };
    return this.admission.demand(this.ctx, asked, solution);
  }
}

type Task = Omit<Extract<CryptoRequest, { type: 'work' }>, 'type' | 'bitsMax' | 'checker'>;

/** The requester's own search. */
function solve(from: TestKeys, checker: TestKeys, task: Task, bitsMax = 18): Uint8Array | 'too-hard' {
  const request = { ...task, type: 'work', bitsMax, checker: checker.id } as const;
  const result = findSolution(request, from.id, testPorts(new SeededRandom(1)));
  if (result.type !== 'worked') throw new Error('no result');
  return result.solution;
}

function found(...args: Parameters<typeof solve>): Uint8Array {
  const solution = solve(...args);
  if (solution === 'too-hard') throw new Error('too hard');
  return solution;
}

/** Solutions of 2^-BITS chance are worth nothing as proof of refusal: those of a few puzzles in a row are. */
const TRIALS = 8;

function countLetIn(isLetIn: (i: number) => boolean): number {
  return Array.from({ length: TRIALS }, (_, i) => isLetIn(i)).filter(Boolean).length;
}

describe('a solution', () => {
  test('[AW2] is 8 bytes, takes about 2^bits hashes, and needs nothing kept by the checker', () => {
    const random = new SeededRandom(SEED);
    const ports = testPorts(random);
    let hashes = 0;
    for (let i = 0; i < 200; i++) {
      const checker = new Checker(random);
      const from = createKeys(random);
      const demand = checker.demand(from)!;
      expect(demand).toHaveLength(DEMAND_BYTES);
      expect(checker.demand(from)).toEqual(demand);
      const request = {
        type: 'work',
        demand,
        bitsMax: 18,
        purpose: FOR_LINK,
        checker: checker.keys.id,
      } as const;
      const result = findSolution(request, from.id, {
        hash: (bytes) => {
          hashes++;
          return ports.hash(bytes);
        },
      });
      if (result.type !== 'worked' || result.solution === 'too-hard') throw new Error('no solution');
      expect(result.solution).toHaveLength(8);
      expect(checker.demand(from, result.solution)).toBeUndefined();
    }
    // Geometric: mean 64, deviation of the mean of 200 about 4.5.
    expect(hashes / 200).toBeGreaterThan(45);
    expect(hashes / 200).toBeLessThan(85);
  });

  test('[AW2] zero bits are counted from the first', () => {
    expect(hasZeroBits(Uint8Array.of(0, 0x80, 0, 0), 8)).toBe(true);
    expect(hasZeroBits(Uint8Array.of(0, 0x80, 0, 0), 9)).toBe(false);
    expect(hasZeroBits(Uint8Array.of(0, 0, 0, 1), 31)).toBe(true);
    expect(hasZeroBits(Uint8Array.of(0x80, 0, 0, 0), 0)).toBe(true);
  });

  test('[AW3] is good in its minute and the next, and the challenge is another one then', () => {
    const random = new SeededRandom(SEED);
    const late = countLetIn(() => {
      const checker = new Checker(random);
      const from = createKeys(random);
      checker.ctx.now = 5.5 * WINDOW_MS;
      const demand = checker.demand(from)!;
      const solution = found(from, checker.keys, { demand, purpose: FOR_LINK });
      checker.ctx.now = 6 * WINDOW_MS - 1;
      expect(checker.demand(from, solution)).toBeUndefined();
      checker.ctx.now = 7 * WINDOW_MS - 1;
      expect(checker.demand(from)).not.toEqual(demand);
      expect(checker.demand(from, solution)).toBeUndefined();
      checker.ctx.now = 7 * WINDOW_MS;
      return checker.demand(from, solution) === undefined;
    });
    expect(late).toBeLessThan(TRIALS / 2);
  });

  test('[AW4] is of no use to another node, at another node, for another purpose or record', () => {
    const random = new SeededRandom(SEED);
    const checker = new Checker(random);
    const other = new Checker(random);
    const [from, thief] = [createKeys(random), createKeys(random)];
    const letIn = { thief: 0, elsewhere: 0, purpose: 0, subject: 0, own: 0 };
    for (let i = 0; i < TRIALS; i++) {
      const subject = random.bytes(32);
      const demand = checker.demand(from, undefined, FOR_STORE, subject)!;
      const solution = found(from, checker.keys, { demand, purpose: FOR_STORE, subject });
      const count = (name: keyof typeof letIn, said: Uint8Array | undefined): void => {
        if (said === undefined) letIn[name]++;
      };
      count('own', checker.demand(from, solution, FOR_STORE, subject));
      count('thief', checker.demand(thief, solution, FOR_STORE, subject));
      count('elsewhere', other.demand(from, solution, FOR_STORE, subject));
      count('purpose', checker.demand(from, solution, FOR_LINK, subject));
      count('subject', checker.demand(from, solution, FOR_STORE, SUBJECT));
    }
    expect(letIn.own).toBe(TRIALS);
    for (const name of ['thief', 'elsewhere', 'purpose', 'subject'] as const)
      expect(letIn[name], name).toBeLessThan(TRIALS / 2);
  });

  test('[AW4] a demand passed on to a victim brings the one who passes it on nothing', () => {
    const random = new SeededRandom(SEED);
    const checker = new Checker(random);
    const letIn = countLetIn(() => {
      const [middle, victim] = [createKeys(random), createKeys(random)];
      // The victim believes that the demand is the middle's own.
      const solution = found(victim, middle, { demand: checker.demand(middle)!, purpose: FOR_LINK });
      return checker.demand(middle, solution) === undefined;
    });
    expect(letIn).toBeLessThan(TRIALS / 2);
  });

  test('[AW7] is not looked for when the demand is too hard, or none', () => {
    const random = new SeededRandom(SEED);
    const [from, checker] = [createKeys(random), createKeys(random)];
    const demandOf = (bits: number, length = DEMAND_BYTES): Uint8Array => {
      const demand = random.bytes(length);
      demand[DEMAND_BYTES - 1] = bits;
      return demand;
    };
    const solved = (demand: Uint8Array): boolean =>
      solve(from, checker, { demand, purpose: FOR_LINK }, 4) !== 'too-hard';
    expect(solved(demandOf(4))).toBe(true);
    expect(solved(demandOf(5))).toBe(false);
    expect(solved(demandOf(255))).toBe(false);
    expect(solved(demandOf(1, 34))).toBe(false);
    expect(solved(new Uint8Array(0))).toBe(false);
  });

  test(`[AW10] no bytes throw, and none let anybody in but by luck, seed ${SEED}`, () => {
    const random = new SeededRandom(SEED);
    const checker = new Checker(random, 18);
    const from = createKeys(random);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), fc.nat(2 ** 40), (bytes, now) => {
        checker.ctx.now = now;
        expect(checker.demand(from, bytes)).toHaveLength(DEMAND_BYTES);
        expect(solve(from, checker.keys, { demand: bytes, purpose: 1 }, 0)).toBeDefined();
      }),
      { numRuns: caseCount(300, 10_000), seed: SEED },
    );
  });
});

test('[AW1] without bits a node puts out what it would without knowing of work', () => {
  const run = (options: ConstructorParameters<typeof Solo>[0]): unknown => {
    const solo = new Solo({ seed: 5, ...options });
    for (let i = 0; i < 4; i++) solo.link();
    solo.pass(5_000);
    return solo.outputs;
  };
  expect(run({ config: { admissionBitsMax: 0 } })).toEqual(run({ config: { admissionBits: 0 } }));
  expect(JSON.stringify(run({}))).not.toContain('"work"');
});
