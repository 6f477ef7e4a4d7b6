/** Puts a session together from an identity, links and a signaling connection; knows no browser. */

import type { Admission } from '../core/admission/checker.ts';
import { createConfig } from '../core/config.ts';
import { OverlayNode } from '../core/overlay-node.ts';
import { Store } from '../core/store/store.ts';
import type { Clock } from '../driver/clock.ts';
import type { TimerFactory } from '../driver/timer.ts';
import { createCryptoJobs } from '../identity/crypto-jobs.ts';
import { hash, idOfKey } from '../identity/hash.ts';
import type { Identity } from '../identity/identity.ts';
import { CryptoRandom } from '../identity/random.ts';
import type { Verifier } from '../identity/verifier.ts';
import type { RecordKeeper } from '../storage/record-keeper.ts';
import type { Signaling } from '../transport/signaling.ts';
import type { Transport } from '../transport/transport.ts';
import type { Snapshot } from './api.ts';
import type { CheckedOptions } from './options.ts';
import { OverlaySession } from './overlay-session.ts';
import type { RingParts } from './ring-parts.ts';

export interface SessionSurroundings {
  readonly identity: Identity;
  /** Given when the identity's record names a ring; Kademlia when left out. */
  readonly ring?: RingParts | undefined;
  readonly verifier: Verifier;
  readonly transport: Transport;
  readonly signaling: Signaling;
  readonly signalingUrl: string;
  readonly clock: Clock;
  readonly createTimer: TimerFactory;
  /** What the snapshot says about the identity. */
  readonly kept: Snapshot['identity'];
  readonly keeper?: RecordKeeper;
  /** Given exactly when `admissionBits` is above 0. */
  readonly admission?: Admission | undefined;
  readonly onLeft: () => void;
}

/** A session that is ready to `start`. */
export function createSession(options: CheckedOptions, surroundings: SessionSurroundings): OverlaySession {
  const { identity, verifier, kept, ring, admission, ...rest } = surroundings;
  const { bucketSize, successors, linksMax, siblings, admissionBits, room, timeoutMs } = options;
  const node = new OverlayNode({
    record: identity.record,
    config: createConfig('browser', { bucketSize, successors, linksMax, siblings, admissionBits }),
    ports: { random: new CryptoRandom(), hash, idOfKey },
    ...(ring === undefined ? {} : { geometry: ring.geometry }),
    store: (parts) => ring?.createStore(parts) ?? new Store(parts),
    admission,
  });
  const crypto = createCryptoJobs(identity, verifier);
  return new OverlaySession({
    ...rest,
    createRing: ring && ((node) => ring.createCalls(node)),
    id: identity.id,
    node,
    crypto,
    room,
    linksMax,
    timeoutMs,
    identity: kept,
  });
}
