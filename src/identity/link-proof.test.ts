import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { NodeId } from '../core/id/node-id.ts';
import { createIdentity, type Identity } from './identity.ts';
import {
  EARLY_FRAMES_MAX,
  LinkProof,
  type CertificateHashes,
  type LinkRole,
  type ProofProblem,
} from './link-proof.ts';
import { Verifier } from './verifier.ts';

/** One end of a fake duplex: what it sends is queued, and the test decides when and whether it arrives. */
interface End {
  readonly proof: LinkProof;
  readonly sent: Uint8Array[];
  readonly outcome: Promise<{ record?: Uint8Array; early?: readonly Uint8Array[]; problem?: ProofProblem }>;
}

function end(role: LinkRole, identity: Identity, peer: NodeId): End {
  const sent: Uint8Array[] = [];
  let settle!: (outcome: Awaited<End['outcome']>) => void;
  const outcome = new Promise<Awaited<End['outcome']>>((resolve) => {
    settle = resolve;
  });
  const proof = new LinkProof({
    role,
    identity,
    peer,
    verifier: new Verifier(),
    send: (bytes) => sent.push(bytes),
    onProven: (record, early) => settle({ record, early }),
    onFailed: (problem) => settle({ problem }),
  });
  return { proof, sent, outcome };
}

const certificateA = new Uint8Array(32).fill(1);
const certificateB = new Uint8Array(32).fill(2);
const seenByA: CertificateHashes = { local: certificateA, remote: certificateB };
const seenByB: CertificateHashes = { local: certificateB, remote: certificateA };

/** Resolves when the end has sent `count` messages. */
async function sentBy(from: End, count: number): Promise<void> {
  while (from.sent.length < count) await new Promise((resolve) => setImmediate(resolve));
}

/** Hello and proof both ways. */
async function run(
  a: End,
  b: End,
  alter: (bytes: Uint8Array) => Uint8Array = (bytes) => bytes,
): Promise<void> {
  b.proof.receive(alter(a.sent[0]!));
  a.proof.receive(b.sent[0]!);
  await Promise.race([sentBy(a, 2).then(() => sentBy(b, 2)), a.outcome, b.outcome]);
  if (a.sent[1] !== undefined) b.proof.receive(a.sent[1]);
  if (b.sent[1] !== undefined) a.proof.receive(b.sent[1]);
}

async function pair(): Promise<{ alice: Identity; bob: Identity; a: End; b: End }> {
  const alice = await createIdentity('kademlia');
  const bob = await createIdentity('kademlia');
  return { alice, bob, a: end('offerer', alice, bob.id), b: end('answerer', bob, alice.id) };
}

describe('link proof', () => {
  test('[LP1] two honest ends prove themselves and learn each other’s record', async () => {
    const { alice, bob, a, b } = await pair();
    a.proof.start(seenByA);
    b.proof.start(seenByB);
    await run(a, b);
    expect((await a.outcome).record).toEqual(bob.record);
    expect((await b.outcome).record).toEqual(alice.record);
  });

  test('[LP2] a hello that arrives before this end has started is kept', async () => {
    const { bob, a, b } = await pair();
    b.proof.start(seenByB);
    a.proof.receive(b.sent[0]!);
    a.proof.start(seenByA);
    b.proof.receive(a.sent[0]!);
    await sentBy(b, 2);
    a.proof.receive(b.sent[1]!);
    expect((await a.outcome).record).toEqual(bob.record);
  });

  test('[LP3] a certificate other than the one the other end presents fails', async () => {
    const { a, b } = await pair();
    const middle = new Uint8Array(32).fill(9);
    a.proof.start({ local: certificateA, remote: middle });
    b.proof.start({ local: certificateB, remote: middle });
    await run(a, b);
    expect((await a.outcome).problem).toBe('bad-signature');
    expect((await b.outcome).problem).toBe('bad-signature');
  });

  test('[LP4] an id other than the dialled one fails, and so does the own one', async () => {
    const { alice, b } = await pair();
    const stranger = await createIdentity('kademlia');
    const wrong = end('offerer', alice, stranger.id);
    wrong.proof.start(seenByA);
    b.proof.start(seenByB);
    wrong.proof.receive(b.sent[0]!);
    expect((await wrong.outcome).problem).toBe('wrong-id');
    const mirror = end('offerer', alice, alice.id);
    const reflected = end('answerer', alice, alice.id);
    mirror.proof.start(seenByA);
    reflected.proof.start(seenByB);
    mirror.proof.receive(reflected.sent[0]!);
    expect((await mirror.outcome).problem).toBe('wrong-id');
  });

  test('[LP5] a proof of an earlier link does not open a new one; an echoed nonce is refused', async () => {
    const { alice, bob, a, b } = await pair();
    a.proof.start(seenByA);
    b.proof.start(seenByB);
    await run(a, b);
    await b.outcome;
    const again = end('answerer', bob, alice.id);
    again.proof.start(seenByB);
    again.proof.receive(a.sent[0]!);
    again.proof.receive(a.sent[1]!);
    expect((await again.outcome).problem).toBe('bad-signature');
    const fresh = end('answerer', bob, alice.id);
    fresh.proof.start(seenByB);
    const echo = a.sent[0]!.slice();
    echo.set(fresh.sent[0]!.subarray(-32), echo.length - 32);
    fresh.proof.receive(echo);
    expect((await fresh.outcome).problem).toBe('replayed');
  });

  test('[LP6] a forged record fails: another sealing key, another signature, another version', async () => {
    for (const at of [2 + 40, 2 + 100]) {
      const { a, b } = await pair();
      a.proof.start(seenByA);
      b.proof.start(seenByB);
      await run(a, b, (hello) => {
        const forged = hello.slice();
        forged[at]! ^= 1;
        return forged;
      });
      expect((await b.outcome).problem).toBe('bad-signature');
    }
    const { a, b } = await pair();
    a.proof.start(seenByA);
    b.proof.start(seenByB);
    const future = a.sent[0]!.slice();
    future[1] = 2;
    b.proof.receive(future);
    expect((await b.outcome).problem).toBe('version');
  });

  test('[LP7] frames behind the proof are kept in order, up to a limit; frames before it end the attempt', async () => {
    const { a, b } = await pair();
    a.proof.start(seenByA);
    b.proof.start(seenByB);
    b.proof.receive(a.sent[0]!);
    a.proof.receive(b.sent[0]!);
    await sentBy(a, 2);
    b.proof.receive(a.sent[1]!);
    b.proof.receive(new Uint8Array([7]));
    b.proof.receive(new Uint8Array([8]));
    expect((await b.outcome).early).toEqual([new Uint8Array([7]), new Uint8Array([8])]);
    await sentBy(b, 2);
    a.proof.receive(b.sent[1]!);
    for (let i = 0; i <= EARLY_FRAMES_MAX; i++) a.proof.receive(new Uint8Array([i]));
    expect((await a.outcome).problem).toBe('overflow');

    const early = await pair();
    early.a.proof.start(seenByA);
    early.a.proof.receive(new Uint8Array([99, 1, 2]));
    expect((await early.a.outcome).problem).toBe('malformed');
  });

  test('[LP8] rubbish never throws and never proves anything', async () => {
    const alice = await createIdentity('kademlia');
    const bob = await createIdentity('kademlia');
    const message = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.uint8Array({ minLength: 166, maxLength: 166 }).map((rest) => Uint8Array.from([1, 1, ...rest])),
      fc
        .uint8Array({ minLength: 32, maxLength: 32 })
        .map((nonce) => Uint8Array.from([1, 1, ...bob.record, ...nonce])),
      fc.uint8Array({ minLength: 64, maxLength: 64 }).map((rest) => Uint8Array.from([2, ...rest])),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(message, { minLength: 1, maxLength: 4 }),
        fc.boolean(),
        async (messages, late) => {
          const a = end('offerer', alice, bob.id);
          if (!late) a.proof.start(seenByA);
          for (const bytes of messages) a.proof.receive(bytes);
          if (late) a.proof.start(seenByA);
          a.proof.receive(new Uint8Array(65).fill(2));
          a.proof.receive(new Uint8Array(65).fill(2));
          expect((await a.outcome).problem).toBeDefined();
        },
      ),
      { numRuns: 500 },
    );
  });
});
