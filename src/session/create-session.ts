/** Puts a session together from an identity, links and a signaling connection; knows no browser. */

import type { Admission } from '../core/admission/checker.ts';
import { createConfig } from '../core/config.ts';
import type { GeometryFactory } from '../core/geometry/geometry.ts';
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

export interface SessionSurroundings {
  readonly identity: Identity;
  /** What the identity's record names; Kademlia when left out. */
  readonly geometry?: GeometryFactory;
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
  const { identity, verifier, kept, geometry, admission, ...rest } = surroundings;
  const { bucketSize, successors, linksMax, siblings, admissionBits, room, timeoutMs } = options;
  const node = new OverlayNode({
    record: identity.record,
    config: createConfig('browser', { bucketSize, successors, linksMax, siblings, admissionBits }),
    ports: { random: new CryptoRandom(), hash, idOfKey },
    ...(geometry === undefined ? {} : { geometry }),
    store: (side) => new Store(side),
    admission,
  });
  const crypto = createCryptoJobs(identity, verifier);
  return new OverlaySession({
    ...rest,
    id: identity.id,
    node,
    crypto,
    room,
    linksMax,
    timeoutMs,
    identity: kept,
  });
}
