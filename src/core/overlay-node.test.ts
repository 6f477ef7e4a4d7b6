/** Goal: the contract of the machine (io.ts). Method: one node among scripted peers, and a box of real ones. */

import { contactsOf } from './snapshot.ts';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Box } from '../test-support/box.ts';
import { messageFrame } from '../test-support/frames.ts';
import { answerCrypto, createKeys, forgedRecord, testPorts } from '../test-support/keys.ts';
import { caseCount, SeededRandom, testSeed } from '../test-support/seeded-random.ts';
import { Solo } from '../test-support/solo.ts';
import { BROWSER, createConfig } from './config.ts';
import { asNodeId, toHex } from './id/node-id.ts';
import type { Input, Output } from './io.ts';
import { OverlayNode } from './overlay-node.ts';
import { EXAMPLES } from './wire/fixtures/examples.ts';

const WAKE: Input = { type: 'wake' };

function plain(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) => (part instanceof Uint8Array ? toHex(part) : part));
}

function drain(node: OverlayNode): Output[] {
  const outputs: Output[] = [];
  for (let out = node.pollOutput(); out !== undefined; out = node.pollOutput()) outputs.push(out);
  return outputs;
}

describe('inputs, outputs and time', () => {
  test('[C1] nothing comes out without an input, and outputs must be drained before the next one', () => {
    const solo = new Solo();
    expect(solo.node.pollOutput()).toBeUndefined();
    solo.node.handleInput({ type: 'command', command: { type: 'start' } }, 0);
    expect(() => solo.node.handleInput(WAKE, 0)).toThrow('drained');
    expect(drain(solo.node)).toMatchObject([{ type: 'event', event: { type: 'state', state: 'joining' } }]);
    solo.node.handleInput(WAKE, 0);
    expect(solo.node.pollOutput()).toBeUndefined();
  });

  test('[C2] the same record, seed, inputs and times give byte-identical outputs', () => {
    const run = (): { inputs: [Input, number][]; outputs: string } => {
      const inputs: [Input, number][] = [];
      const texts: string[] = [];
      const box = new Box({ seed: 5, delayMs: 7 });
      const first = box.open();
      const node = first.node;
      const handle = node.handleInput.bind(node);
      node.handleInput = (input, now) => {
        inputs.push([input, now]);
        handle(input, now);
      };
      const poll = node.pollOutput.bind(node);
      node.pollOutput = () => {
        const out = poll();
        if (out !== undefined) texts.push(plain(out));
        return out;
      };
      box.openAll(5);
      for (const other of box.nodes) {
        other.onRequest = (body) => body;
        box.send(first, 'direct', other.id, { request: true });
        box.send(other, 'closest', asNodeId(new Uint8Array(32)));
      }
      box.command(first, { type: 'leave' });
      return { inputs, outputs: texts.join('\n') };
    };
    const { inputs, outputs } = run();
    expect(inputs.length).toBeGreaterThan(100);
    expect(run().outputs).toBe(outputs);
  });

  test('[C3] time never decreases', () => {
    const solo = new Solo();
    solo.now = 50;
    solo.input(WAKE);
    solo.now = 49;
    expect(() => solo.input(WAKE)).toThrow('time never decreases');
  });

  test('[C4] a wake before nextTimeout does nothing', () => {
    const solo = new Solo();
    solo.link();
    solo.completeTable();
    for (let i = 0; i < 50; i++) {
      const at = solo.node.nextTimeout();
      const early = solo.now + (at - solo.now) / 2;
      if (early > solo.now && early < at) {
        const before = solo.outputs.length;
        solo.now = early;
        solo.input(WAKE);
        expect(solo.outputs.slice(before)).toEqual([]);
        expect(solo.node.nextTimeout()).toBe(at);
      }
      solo.until(at);
    }
  });

  test('[C4] a node that was not started wants nothing; one that was woken an hour late catches up in few steps', () => {
    const solo = new Solo();
    expect(solo.node.nextTimeout()).toBe(Infinity);
    solo.link();
    solo.link();
    solo.completeTable();
    solo.now += 3_600_000;
    let steps = 0;
    while (solo.node.nextTimeout() <= solo.now) {
      solo.input(WAKE);
      expect(++steps).toBeLessThan(20);
    }
    expect(solo.node.snapshot().links.length).toBe(2);
  });

  test('[C6] each crypto job is answered once; unknown and failed answers are harmless', () => {
    const solo = new Solo({ holdCrypto: true });
    const target = solo.keys.id;
    const body = new Uint8Array(3);
    solo.command({
      type: 'send',
      id: 1,
      kind: 'closest',
      target,
      body,
      request: false,
      receipt: true,
      timeoutMs: 900,
    });
    const [job] = solo.held.splice(0);
    solo.input({ type: 'crypto-done', job: job!.job + 77, result: { type: 'failed' } });
    solo.pass(1_000);
    expect(solo.events('result')).toMatchObject([{ receipt: { reason: 'timeout' } }]);
    const late = {
      type: 'crypto-done',
      job: job!.job,
      result: answerCrypto(job!.request, solo.keys),
    } as const;
    solo.input(late);
    solo.input(late);
    solo.answerHeld();
    expect(solo.events('delivered')).toEqual([]);
    expect(solo.events('result').length).toBe(1);
  });
});

describe('commands', () => {
  test('[C7] every unfinished command ends with left, later ones too, and the node is silent', () => {
    const solo = new Solo();
    const peer = solo.link();
    solo.completeTable();
    const body = new Uint8Array(1);
    const base = {
      type: 'send',
      target: peer.id,
      body,
      request: true,
      receipt: true,
      timeoutMs: 9_000,
    } as const;
    solo.command({ ...base, id: 1, kind: 'direct' });
    solo.command({ ...base, id: 2, kind: 'closest' });
    solo.command({ ...base, id: 3, kind: 'neighbour' });
    solo.command({ type: 'lookup', id: 4, key: peer.id, timeoutMs: 9_000 });
    solo.command({ type: 'leave' });
    solo.command({ ...base, id: 5, kind: 'direct' });
    solo.command({ ...base, id: 6, kind: 'broadcast' });
    solo.command({ type: 'lookup', id: 7, key: peer.id, timeoutMs: 9_000 });
    const ends = solo.events('result').map(({ command, receipt }) => [command, receipt.reason]);
    expect(ends).toEqual([1, 2, 3, 4, 5, 6, 7].map((id) => [id, 'left']));
    expect(solo.node.nextTimeout()).toBe(Infinity);
    solo.clear();
    solo.input({ type: 'server-state', connected: true });
    solo.input({ type: 'server-introductions', ids: [peer.id] });
    expect(solo.offer(createKeys(solo.random))).toBeUndefined();
    solo.input({ type: 'link-up', link: peer.link, record: peer.keys.record });
    solo.pass(100_000);
    solo.input(WAKE);
    solo.command({ type: 'start' });
    solo.command({ type: 'leave' });
    expect(solo.outputs).toEqual([]);
  });

  test('[C7] replies, releases and pings that refer to nothing are ignored', () => {
    const solo = new Solo();
    for (const message of ['', 'zz', '00'.repeat(16), '00'.repeat(200)]) {
      solo.command({ type: 'reply', message, body: Uint8Array.of(1) });
      solo.command({ type: 'release', message, body: undefined });
    }
    solo.command({ type: 'ping', peer: createKeys(solo.random).id });
    expect(solo.outputs).toEqual([]);
  });
});

describe('bytes from outside', () => {
  test('[WR1] [WR2] a frame of another version, or above 16 KiB, is malformed; of 16 KiB it is taken', () => {
    const solo = new Solo();
    const peer = solo.link();
    const room =
      BROWSER.frameBytesMax -
      messageFrame(peer.keys, { kind: 'direct', target: solo.keys.id, body: new Uint8Array(0) }).length;
    const fields = { kind: 'direct', target: solo.keys.id, chunkBytes: 20_000 } as const;
    peer.message({ ...fields, body: new Uint8Array(room) });
    expect(solo.events('delivered').length).toBe(1);
    peer.send(messageFrame(peer.keys, { ...fields, body: new Uint8Array(room + 1) }));
    peer.send(Uint8Array.of(2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0));
    peer.send(new Uint8Array(0));
    peer.send(Uint8Array.of(1));
    expect(solo.events('delivered').length).toBe(1);
    expect(solo.events('malformed').length).toBe(4);
  });

  test('[WR9] ten malformed frames a minute are told, the eleventh ends the link as abuse', () => {
    const solo = new Solo();
    const peer = solo.link();
    for (let i = 0; i < BROWSER.malformedPerMinuteMax; i++) peer.send(Uint8Array.of(9));
    expect(solo.events('malformed')).toMatchObject(Array.from({ length: 10 }, () => ({ peer: peer.id })));
    expect(solo.hungUp(peer.link)).toBeUndefined();
    solo.pass(61_000);
    for (let i = 0; i < BROWSER.malformedPerMinuteMax; i++) peer.send(Uint8Array.of(9));
    expect(solo.hungUp(peer.link)).toBeUndefined();
    peer.send(Uint8Array.of(9));
    expect(solo.hungUp(peer.link)).toBe('abuse');
    expect(solo.node.snapshot().links).toEqual([]);
  });

  const SEED = testSeed(77);
  const examples = Object.values(EXAMPLES);
  const hostile = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc.record({
      pick: fc.nat(),
      flips: fc.array(fc.tuple(fc.nat(), fc.integer({ min: 1, max: 255 })), { maxLength: 4 }),
      cut: fc.option(fc.nat(), { nil: undefined }),
    }),
  );
  type Hostile = Uint8Array | { pick: number; flips: [number, number][]; cut: number | undefined };

  function bytesOf(hostileInput: Hostile, more: readonly Uint8Array[]): Uint8Array {
    if (hostileInput instanceof Uint8Array) return hostileInput;
    const all = [...examples, ...more];
    const bytes = Uint8Array.from(all[hostileInput.pick % all.length]!);
    for (const [at, bits] of hostileInput.flips) bytes[at % bytes.length]! ^= bits;
    return hostileInput.cut === undefined ? bytes : bytes.subarray(0, hostileInput.cut % (bytes.length + 1));
  }

  test(`[C5] [C8] a node fed with hostile frames, records and signals never throws and stays within its limits, seed ${SEED}`, () => {
    const config = {
      trailsMax: 32,
      seenMax: 64,
      reassembliesMax: 4,
      creditMessages: 1_000_000,
      malformedPerMinuteMax: 1_000_000,
    };
    let frames = 0;
    const check = (inputs: Hostile[]): void => {
      const solo = new Solo({ seed: SEED, config });
      const peers = [solo.link(), solo.link()];
      const [a] = peers;
      const own = [
        messageFrame(a!.keys, { kind: 'direct', target: solo.keys.id, flags: 6 }),
        messageFrame(a!.keys, { kind: 'closest', target: peers[1]!.id, flags: 6 }),
        messageFrame(a!.keys, {
          kind: 'direct',
          target: peers[1]!.id,
          body: new Uint8Array(50),
          chunkBytes: 10,
        }),
      ];
      for (const [i, input] of inputs.entries()) {
        const bytes = bytesOf(input, own);
        const before = solo.of('hang-up').length;
        peers[i & 1]!.send(bytes);
        frames++;
        if (i % 5 === 0) solo.input({ type: 'contacts', records: [bytes] });
        if (i % 7 === 0) solo.input({ type: 'server-signal', from: a!.id, data: bytes });
        if (i % 11 === 0) solo.pass(50);
        if (solo.of('hang-up').length > before + 1) break;
      }
      solo.pass(2_000);
      const { links, counters } = solo.node.snapshot();
      expect(links.filter(({ upAt }) => upAt !== undefined).length).toBeLessThanOrEqual(2);
      expect(links.every(({ queued }) => queued <= BROWSER.queueMax)).toBe(true);
      expect(counters.malformed).toBeLessThanOrEqual(inputs.length * 4);
    };
    const perCase = 40;
    const cases = Math.ceil(caseCount() / perCase) * 2;
    fc.assert(
      fc.property(fc.array(hostile as fc.Arbitrary<Hostile>, { minLength: 10, maxLength: perCase }), check),
      {
        numRuns: cases,
        seed: SEED,
      },
    );
    expect(frames).toBeGreaterThan(caseCount() / 2);
  });

  test('[C5] a repeat offender is hung up on, whatever the rubbish', () => {
    const random = new SeededRandom(SEED);
    for (let round = 0; round < 50; round++) {
      const solo = new Solo({ seed: round + 1 });
      const peer = solo.link();
      for (let i = 0; i < 60 && solo.hungUp(peer.link) === undefined; i++)
        peer.send(random.bytes(random.below(200)));
      expect(solo.hungUp(peer.link), `round ${round}`).toBe('abuse');
    }
  });

  test('[C5] records and introductions that make no sense change nothing', () => {
    const solo = new Solo();
    const keys = createKeys(solo.random);
    solo.input({
      type: 'contacts',
      records: [new Uint8Array(0), forgedRecord(solo.random), solo.keys.record, new Uint8Array(134)],
    });
    solo.input({ type: 'link-up', link: 99, record: keys.record });
    solo.input({ type: 'link-down', link: 99, reason: 'closed' });
    solo.input({ type: 'link-pressure', link: 99, congested: true });
    solo.input({ type: 'signal-out', link: 99, data: new Uint8Array(9) });
    solo.input({ type: 'server-undeliverable', to: keys.id });
    solo.input({ type: 'frame', link: 99, bytes: new Uint8Array(9) });
    const snapshot = solo.node.snapshot();
    expect(snapshot.links).toEqual([]);
    expect(contactsOf(snapshot)).toEqual([]);
    expect(solo.of('hang-up')).toMatchObject([{ link: 99, reason: 'failed' }]);
  });
});

test('[C8] the shipped limits are as they are meant to be', () => {
  expect(createConfig('browser')).toMatchObject({
    frameBytesMax: 16_384,
    fragmentsMax: 6,
    hopLimit: 20,
    visitedMax: 32,
    transmissionsMax: 64,
    messageLifeMs: 10_000,
    messageLifeMsMax: 60_000,
    seenMax: 65_536,
    trailsMax: 16_384,
    linksWanted: 24,
    linksMax: 48,
    siblings: 8,
    handshakesMax: 8,
    handshakeTimeoutMs: 10_000,
    dialsPerSecond: 2,
    dialBurst: 16,
    queueMax: 256,
    creditMessages: 500,
    creditBytes: 2 * 1024 * 1024,
    malformedPerMinuteMax: 10,
    heartbeatMs: 2_000,
    heartbeatTimeoutMsMin: 250,
    heartbeatTimeoutMsMax: 2_000,
    suspectMisses: 3,
    dropAfterMs: 10_000,
  });
  expect(createConfig('browser', { linksMax: 3 })).toMatchObject({ linksMax: 3, linksWanted: 2 });
  expect(
    () =>
      new OverlayNode({ record: new Uint8Array(9), config: BROWSER, ports: testPorts(new SeededRandom(1)) }),
  ).toThrow('readable');
});
