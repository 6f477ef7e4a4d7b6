/** Sessions in one process: real cores, keys, proofs and stores; links and signaling in memory. For tests. */

import { Admission } from '../core/admission/checker.ts';
import { SleepAwareClock } from '../driver/clock.ts';
import { createTimeoutTimer } from '../driver/timer.ts';
import { createIdentity, type Identity } from '../identity/identity.ts';
import { Verifier } from '../identity/verifier.ts';
import { RecordKeeper } from '../storage/record-keeper.ts';
import type { BatchStorage } from '../storage/storage.ts';
import { MemorySignaling, MemorySignalingHub } from '../transport/memory/memory-signaling.ts';
import { MemoryNetwork, MemoryTransport } from '../transport/memory/memory-transport.ts';
import type { OverlayOptions } from './api.ts';
import { createSession } from './create-session.ts';
import { checkOptions } from './options.ts';
import type { OverlaySession } from './overlay-session.ts';
import { RING_PARTS } from './ring-parts.ts';

/** What a tab brings back after a reload; each is made when left out. */
export interface Visitor {
  readonly identity?: Identity;
  readonly storage?: BatchStorage;
}

/** A network in memory. */
export class SessionHarness {
  readonly hub = new MemorySignalingHub();
  readonly network = new MemoryNetwork();
  static readonly #running: OverlaySession[] = [];

  async open(options: Partial<OverlayOptions> = {}, visitor: Visitor = {}): Promise<OverlaySession> {
    const identity = visitor.identity ?? (await createIdentity(options.geometry ?? 'kademlia'));
    const clock = new SleepAwareClock();
    const { storage } = visitor;
    const toEpoch = (time: number): number => clock.toEpoch(time);
    const keeper = storage && new RecordKeeper({ storage, prefix: 'test/', toEpoch });
    const checked = checkOptions({ room: 'test', timeoutMs: 5_000, ...options });
    const { admissionBits } = checked;
    const session = createSession(checked, {
      identity,
      ring: options.geometry === 'chord' ? RING_PARTS : undefined,
      verifier: new Verifier(),
      transport: new MemoryTransport(this.network, identity),
      signaling: new MemorySignaling(this.hub, identity.id),
      signalingUrl: 'ws://memory/signaling',
      clock,
      createTimer: createTimeoutTimer,
      kept: { kept: false, problem: 'in memory' },
      ...(keeper === undefined ? {} : { keeper }),
      admission: admissionBits > 0 ? new Admission() : undefined,
      onLeft: () => {},
    });
    SessionHarness.#running.push(session);
    session.start(await keeper?.load());
    await session.ready;
    return session;
  }

  async openMany(count: number, options: Partial<OverlayOptions> = {}): Promise<OverlaySession[]> {
    const sessions: OverlaySession[] = [];
    for (let i = 0; i < count; i++) sessions.push(await this.open(options));
    await until(() => sessions.every((session) => session.snapshot().state === 'ready'));
    return sessions;
  }

  /** Ends what still runs; after every test. */
  static async closeAll(): Promise<void> {
    await Promise.all(SessionHarness.#running.splice(0).map((session) => session.leave()));
  }
}

export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}
