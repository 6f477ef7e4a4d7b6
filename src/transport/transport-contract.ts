/** What every transport must do (rules TR1-TR8). Each implementation's test calls this with its own factory. */

import { describe, expect, test } from 'vitest';
import type { LinkEndReason, LinkId } from '../core/io.ts';
import { createIdentity, type Identity } from '../identity/identity.ts';
import { HIGH_WATER_BYTES, type Transport } from './transport.ts';

/** Makes the two transports of a test, on one wire. */
export type CreatePair = (a: Identity, b: Identity) => { readonly a: Transport; readonly b: Transport };

/** A transport with a record of everything it told. */
class Witness {
  readonly transport: Transport;
  readonly identity: Identity;
  readonly ups: { link: LinkId; record: Uint8Array }[] = [];
  readonly downs: { link: LinkId; reason: LinkEndReason }[] = [];
  readonly frames: { link: LinkId; bytes: Uint8Array }[] = [];
  readonly pressure: boolean[] = [];
  /** True while a method of the transport runs. */
  inCall = false;
  toldInCall = 0;
  onSignal: (link: LinkId, data: Uint8Array) => void = () => {};

  constructor(transport: Transport, identity: Identity) {
    this.transport = transport;
    this.identity = identity;
    transport.on('signal', (link, data) => this.#told(() => this.onSignal(link, data)));
    transport.on('up', (link, record) => this.#told(() => this.ups.push({ link, record })));
    transport.on('down', (link, reason) => this.#told(() => this.downs.push({ link, reason })));
    transport.on('frame', (link, bytes) => this.#told(() => this.frames.push({ link, bytes })));
    transport.on('pressure', (_link, congested) => this.#told(() => this.pressure.push(congested)));
  }

  call(act: (transport: Transport) => void): void {
    this.inCall = true;
    act(this.transport);
    this.inCall = false;
  }

  #told(record: () => unknown): void {
    if (this.inCall) this.toldInCall++;
    record();
  }
}

/** Registers the tests. */
export function transportContract(name: string, createPair: CreatePair): void {
  const setUp = async (): Promise<{ a: Witness; b: Witness }> => {
    const [first, second] = [await createIdentity('kademlia'), await createIdentity('kademlia')];
    const pair = createPair(first, second);
    return { a: new Witness(pair.a, first), b: new Witness(pair.b, second) };
  };
  const link = async (): Promise<{ a: Witness; b: Witness }> => {
    const { a, b } = await setUp();
    dial(a, b);
    await until(() => a.ups.length === 1 && b.ups.length === 1);
    return { a, b };
  };

  describe(name, () => {
    test('[TR1] an attempt becomes a link, and each end learns the other’s record', async () => {
      const { a, b } = await link();
      expect(a.ups).toEqual([{ link: 1, record: b.identity.record }]);
      expect(b.ups).toEqual([{ link: 101, record: a.identity.record }]);
      expect(a.downs.length + b.downs.length).toBe(0);
      close(a, b);
    });

    test('[TR2] frames arrive whole, in order, both ways; the receiver may keep them', async () => {
      const { a, b } = await link();
      const sent = [1, 2, 3, 4, 5].map((n) => new Uint8Array(n * 1_000).fill(n));
      for (const bytes of sent) {
        a.call((transport) => transport.transmit(1, bytes));
        b.call((transport) => transport.transmit(101, bytes));
      }
      await until(() => a.frames.length === 5 && b.frames.length === 5);
      expect(a.frames.map(({ bytes }) => bytes)).toEqual(sent);
      expect(b.frames.map(({ bytes }) => bytes)).toEqual(sent);
      close(a, b);
    });

    test('[TR3] after a hang-up the other end gets what was sent, then one down; this end hears nothing', async () => {
      const { a, b } = await link();
      a.call((transport) => {
        for (let i = 0; i < 10; i++) transport.transmit(1, new Uint8Array(4_000).fill(i));
        transport.hangUp(1, 'left');
        transport.transmit(1, new Uint8Array(1));
      });
      await until(() => b.downs.length === 1);
      expect(b.frames.length).toBe(10);
      expect(b.downs).toEqual([{ link: 101, reason: 'closed' }]);
      expect(a.downs).toEqual([]);
      close(a, b);
    });

    test('[TR4] an end that is somebody else than was dialled never becomes a link', async () => {
      const { a, b } = await setUp();
      const stranger = await createIdentity('kademlia');
      dial(a, b, stranger);
      await until(() => a.downs.length === 1 && b.downs.length === 1);
      expect(a.downs).toEqual([{ link: 1, reason: 'failed' }]);
      expect(b.downs).toEqual([{ link: 101, reason: 'failed' }]);
      expect(a.ups.length + b.ups.length).toBe(0);
      close(a, b);
    });

    test('[TR5] rubbish instead of a signal ends the attempt; signals for unknown links are ignored', async () => {
      const { a, b } = await setUp();
      a.call((transport) => {
        transport.dial(1, b.identity.id);
        transport.signal(1, new Uint8Array([255, 1, 2]));
        transport.signal(77, new Uint8Array([1]));
        transport.transmit(77, new Uint8Array(1));
        transport.hangUp(77, 'closed');
      });
      await until(() => a.downs.length === 1);
      expect(a.downs).toEqual([{ link: 1, reason: 'failed' }]);
      a.call((transport) => transport.signal(1, new Uint8Array([255])));
      close(a, b);
    });

    test('[TR6] a full send buffer is told, and that it emptied again', async () => {
      const { a, b } = await link();
      const frame = new Uint8Array(16_384);
      a.call((transport) => {
        for (let sent = 0; sent <= 2 * HIGH_WATER_BYTES; sent += frame.length) transport.transmit(1, frame);
      });
      await until(() => a.pressure.length === 2);
      expect(a.pressure).toEqual([true, false]);
      close(a, b);
    });

    test('[TR7] closing the transport ends all its links for the others, without a word here', async () => {
      const { a, b } = await link();
      a.call((transport) => transport.close());
      await until(() => b.downs.length === 1);
      expect(a.downs).toEqual([]);
      close(a, b);
    });

    test('[TR8] nothing is told while a method runs', async () => {
      const { a, b } = await link();
      a.call((transport) => transport.transmit(1, new Uint8Array(100_000)));
      await until(() => b.frames.length === 1);
      b.call((transport) => transport.hangUp(101, 'closed'));
      await until(() => a.downs.length === 1);
      expect(a.toldInCall + b.toldInCall).toBe(0);
      close(a, b);
    });
  });
}

/** Dials from a (link 1) to b (link 101) and carries the signals. `claimed` is the id that a asks for. */
function dial(a: Witness, b: Witness, claimed: Identity = b.identity): void {
  let accepted = false;
  a.onSignal = (_link, data) =>
    b.call((transport) => {
      if (!accepted) transport.accept(101, a.identity.id);
      accepted = true;
      transport.signal(101, data);
    });
  b.onSignal = (_link, data) => a.call((transport) => transport.signal(1, data));
  a.call((transport) => transport.dial(1, claimed.id));
}

function close(...witnesses: readonly Witness[]): void {
  for (const { transport } of witnesses) transport.close();
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 1));
}
