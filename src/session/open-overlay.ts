/**
 * `openOverlay` in a browser: checks what the page can do, loads the identity of this tab's slot, and starts a node
 * over WebRTC and the signaling server. The composition root of the library; everything below it is injected.
 */

import { SIGNALING_PATH } from '../../signaling/protocol.ts';
import { SleepAwareClock } from '../driver/clock.ts';
import { createWorkerTimer } from '../driver/timer.ts';
import {
  claimIdentitySlot,
  type IdentitySlot,
  type LockManagerLike,
  type TabMemory,
} from '../identity/identity-slot.ts';
import { createIdentity, cryptoProblem, loadIdentity, type LoadedIdentity } from '../identity/identity.ts';
import { Verifier } from '../identity/verifier.ts';
import { IdbStorage } from '../storage/idb-storage.ts';
import { keptRecordsPrefix, RecordKeeper } from '../storage/record-keeper.ts';
import { SignalingClient } from '../transport/webrtc/signaling-client.ts';
import { hasWebRtc } from '../transport/webrtc/simple-peer.ts';
import { WebRtcTransport } from '../transport/webrtc/webrtc-transport.ts';
import type { GeometryName, Overlay, OverlayOptions } from './api.ts';
import { createSession } from './create-session.ts';
import { checkOptions, type CheckedOptions } from './options.ts';
import { followPage } from './page-events.ts';
import type { RingParts } from './ring-parts.ts';

const DATABASE = 'hopline-identity';
const RECORDS = 'hopline-records';

/**
 * Joins a network. Resolves when the node runs; `overlay.ready` says when it has joined. Rejects with a `TypeError` for
 * options that cannot be meant, and with an `Error` whose message is a sentence for the user when this page or this
 * browser cannot run a node at all (no secure context, no WebRTC, no Ed25519).
 */
export async function openOverlay(options: OverlayOptions): Promise<Overlay> {
  const checked = checkOptions(options);
  const problem = (await cryptoProblem()) ?? (hasWebRtc() ? undefined : NO_WEBRTC);
  if (problem !== undefined) throw new Error(problem);
  const ring = await loadRing(checked.geometry);
  const { identity, problem: notKept, slot } = await claimIdentity(checked, openInPage++ === 0);
  const verifier = new Verifier();
  const signalingUrl = checked.signaling ?? defaultSignalingUrl();
  const signaling = new SignalingClient({
    url: signalingUrl,
    room: checked.room,
    geometry: checked.geometry,
    publicKey: identity.signingKey,
    sign: (bytes) => identity.sign(bytes),
  });
  let iceServers: readonly RTCIceServer[] = checked.iceServers ?? [];
  if (checked.iceServers === undefined) {
    signaling.on('welcome', (welcome) => {
      iceServers = welcome.iceServers;
    });
  }
  const transport = new WebRtcTransport({ identity, verifier, iceServers: () => iceServers });
  const clock = new SleepAwareClock();
  // Records belong to an identity and a network: nobody else's come back after a reload.
  const keeper =
    slot === undefined
      ? undefined
      : new RecordKeeper({
          storage: new IdbStorage(RECORDS),
          prefix: keptRecordsPrefix(slot.index, checked),
          toEpoch: (time) => clock.toEpoch(time),
        });
  const kept = await keeper?.load();
  const leaving = new AbortController();
  const session = createSession(checked, {
    identity,
    ring,
    verifier,
    transport,
    signaling,
    signalingUrl,
    clock,
    ...(keeper === undefined ? {} : { keeper }),
    createTimer: createWorkerTimer,
    admission:
      checked.admissionBits > 0 ? new (await import('../core/admission/checker.ts')).Admission() : undefined,
    kept: notKept === undefined ? { kept: true } : { kept: false, problem: notKept },
    onLeft: () => {
      openInPage--;
      leaving.abort();
      slot?.release();
    },
  });
  followPage(session, leaving.signal);
  session.start(kept);
  return session;
}

/** Overlays of this page. The first is the tab's own: only its slot is found again after a reload. */
let openInPage = 0;
const NO_MEMORY: TabMemory = { getItem: () => null, setItem: () => {} };

const NO_CHORD =
  'The part of the page that runs a ring could not be loaded. Is the server of this page there?';
const NO_WEBRTC =
  'This browser has no WebRTC, or it is switched off by a setting or an extension. Hopline cannot link tabs without it.';
const ASKED_FOR_MEMORY = 'This tab was asked not to keep its id, so it lasts until the tab is closed.';
const NO_LOCKS =
  'This browser cannot tell its tabs apart (no Web Locks), so this id lasts until the tab is closed.';
const NO_SLOT =
  'Too many tabs of this browser are open to keep another id, so this one lasts until the tab is closed.';
const NO_STORAGE =
  'This browser does not let the page use its storage, so this id lasts until the tab is closed.';

/** The code of a ring is loaded where one is asked for. */
async function loadRing(name: GeometryName): Promise<RingParts | undefined> {
  if (name === 'kademlia') return undefined;
  try {
    return (await import('./ring-parts.ts')).RING_PARTS;
  } catch {
    throw new Error(NO_CHORD);
  }
}

/** The identity of this tab; without locks or storage a fresh one, with the reason. */
async function claimIdentity(
  { storage, geometry }: Pick<CheckedOptions, 'storage' | 'geometry'>,
  firstOfPage: boolean,
): Promise<LoadedIdentity & { readonly slot?: IdentitySlot }> {
  const fresh = async (problem: string): Promise<LoadedIdentity> => ({
    identity: await createIdentity(geometry),
    problem,
  });
  if (storage === 'memory') return fresh(ASKED_FOR_MEMORY);
  if (navigator.locks === undefined) return fresh(NO_LOCKS);
  let slot: IdentitySlot | undefined;
  try {
    slot = await claimIdentitySlot({
      locks: navigator.locks as LockManagerLike,
      memory: firstOfPage ? sessionStorage : NO_MEMORY,
      channel: new BroadcastChannel('hopline/identity-slots'),
    });
  } catch {
    return fresh(NO_STORAGE);
  }
  if (slot === undefined) return fresh(NO_SLOT);
  const loaded = await loadIdentity(new IdbStorage(DATABASE), `slot-${slot.index}`, geometry);
  return { ...loaded, slot };
}

function defaultSignalingUrl(): string {
  return `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}${SIGNALING_PATH}`;
}
