/**
 * A hop at work: a real node with 24 peers of 24 links each takes 1 KiB messages from one peer and passes them on to
 * another. Signatures are not counted: crypto is answered at once, and no message is sampled. Bundled by forward.bench.ts.
 */

import { createConfig } from '../core/config.ts';
import { packIds } from '../core/id/id-list.ts';
import { asNodeId, type NodeId } from '../core/id/node-id.ts';
import { idInBucket } from '../core/id/xor.ts';
import type { CryptoRequest, CryptoResult, Input, LinkId } from '../core/io.ts';
import { OverlayNode } from '../core/overlay-node.ts';
import { contactSignedBytes, encodeContact } from '../core/wire/contact.ts';
import { writeControl } from '../core/wire/control.ts';
import { writeEnvelope } from '../core/wire/envelope.ts';
import { AUTH_BYTES, createFrame, messageKey } from '../core/wire/frame.ts';
import { SeededRandom } from '../sim/random.ts';

const PEERS = 24;
const BODY_BYTES = 1_024;
const BATCH = 8_192;
const TURNS = 9;
const SEED = 7;

/** What one run found. */
export interface ForwardFigures {
  /** Messages passed on in a second: the median of the turns. */
  readonly perSecond: number;
  /** Plain copies of a frame of the same size in a second, in the same process. */
  readonly copiesPerSecond: number;
}

const random = new SeededRandom(SEED, 0);
const sealingKey = new Uint8Array(32);

function recordOf(id: NodeId): Uint8Array {
  const text = contactSignedBytes({ geometry: 'kademlia', sequence: 1, signingKey: id, sealingKey });
  return encodeContact(text, new Uint8Array(64));
}

/** Crypto that costs nothing. */
function answer(request: CryptoRequest): CryptoResult {
  if (request.type === 'sign') return { type: 'signed', signature: new Uint8Array(64) };
  if (request.type === 'verify') return { type: 'verified', valid: request.items.map(() => true) };
  return { type: 'failed' };
}

class Hop {
  now = 0;
  passedOn = 0;
  readonly #self = asNodeId(random.bytes(32));
  readonly #node: OverlayNode;
  readonly #links: LinkId[] = [];
  readonly #targets: NodeId[] = [];

  constructor() {
    const config = createConfig('browser', {
      repair: true,
      creditMessages: 2 ** 30,
      creditBytes: 2 ** 30,
      sampleOneIn: 2 ** 32,
      handshakesMax: PEERS,
    });
    this.#node = new OverlayNode({
      record: recordOf(this.#self),
      config,
      ports: { random, hash: () => new Uint8Array(32), idOfKey: (key) => asNodeId(key.slice()) },
    });
    for (let i = 0; i < PEERS; i++) this.#addPeer(idInBucket(this.#self, i % 10, random.bytes(32)));
  }

  /** Frames of so many messages to ids that the peers are linked to, each from an origin of its own. */
  frames(count: number): Uint8Array[] {
    const auth = new Uint8Array(AUTH_BYTES);
    const body = random.bytes(BODY_BYTES);
    return Array.from({ length: count }, (_, i) =>
      createFrame({
        kind: 'direct',
        flags: 0,
        service: 'app',
        hopLimit: 20,
        budget: 64,
        lifeMs: 10_000,
        fragment: 0,
        fragments: 1,
        message: messageKey(random.bytes(16), 0),
        origin: asNodeId(random.bytes(32)),
        target: this.#targets[i % this.#targets.length]!,
        auth,
        body,
      }),
    );
  }

  /** Takes frames from the peers in turn. */
  pass(frames: readonly Uint8Array[]): void {
    const links = this.#links;
    for (let i = 0; i < frames.length; i++) {
      this.#node.handleInput({ type: 'frame', link: links[i % PEERS]!, bytes: frames[i]! }, this.now);
      for (let out = this.#node.pollOutput(); out !== undefined; out = this.#node.pollOutput()) {
        if (out.type === 'transmit' && out.bytes[1] === 0x13) this.passedOn++;
      }
    }
  }

  /** Lets what was passed on be forgotten, as it is when its life is over. */
  rest(): void {
    const bytes = writeControl({ type: 'pong', sequence: 0 });
    for (let i = 0; i < 30; i++) {
      this.now += 1_000;
      for (const link of this.#links) this.#input({ type: 'frame', link, bytes });
      this.#input({ type: 'wake' });
    }
  }

  #addPeer(id: NodeId): void {
    const record = recordOf(id);
    const attempt = random.bytes(8);
    const data = writeEnvelope({ type: 'offer', joining: true, attempt, record, data: new Uint8Array(1) });
    const link = this.#input({ type: 'server-signal', from: id, data });
    if (link === undefined) throw new Error('the node refused a peer');
    this.#input({ type: 'link-up', link, record });
    const linked = Array.from({ length: PEERS - 1 }, (_, j) => idInBucket(id, j % 10, random.bytes(32)));
    this.#targets.push(...linked);
    const list = packIds([this.#self, ...linked]);
    this.#input({ type: 'frame', link, bytes: writeControl({ type: 'links', list }) });
    this.#links.push(link);
  }

  /** Returns the link of an `accept` output. */
  #input(input: Input): LinkId | undefined {
    this.#node.handleInput(input, this.now);
    let accepted: LinkId | undefined;
    const answers: Input[] = [];
    for (let out = this.#node.pollOutput(); out !== undefined; out = this.#node.pollOutput()) {
      if (out.type === 'accept') accepted = out.link;
      if (out.type === 'crypto')
        answers.push({ type: 'crypto-done', job: out.job, result: answer(out.request) });
    }
    for (const done of answers) accepted = this.#input(done) ?? accepted;
    return accepted;
  }
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}

/** Processor time, so that what else the machine does counts little. */
function secondsOf(work: () => void): number {
  const start = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1e6;
}

/**
 * Measures both, turn about. `collect` clears away what making the messages left behind: that is the transport's cost, not
 * the hop's. Throws when a message was not passed on.
 */
export function measureForwarding(collect: () => void): ForwardFigures {
  const hop = new Hop();
  const rates: number[] = [];
  const copies: number[] = [];
  let kept = 0;
  for (let turn = -2; turn < TURNS; turn++) {
    const frames = hop.frames(BATCH);
    collect();
    const before = hop.passedOn;
    const seconds = secondsOf(() => hop.pass(frames));
    if (hop.passedOn - before < BATCH * 0.98)
      throw new Error(`${hop.passedOn - before} of ${BATCH} messages passed on`);
    collect();
    const copySeconds = secondsOf(() => {
      for (const frame of frames) kept += frame.slice().length;
    });
    hop.rest();
    if (turn < 0) continue;
    rates.push(BATCH / seconds);
    copies.push(BATCH / copySeconds);
  }
  if (kept === 0) throw new Error('nothing was copied');
  return { perSecond: Math.round(median(rates)), copiesPerSecond: Math.round(median(copies)) };
}
