/**
 * One real node among scripted peers that a message crosses: it comes from one of them, and others lead on to its target.
 */

import type { NodeId } from '../core/id/node-id.ts';
import type { Command } from '../core/io.ts';
import type { ProgressMark } from '../core/wire/control.ts';
import { FLAG_RECEIPT, type Frame } from '../core/wire/frame.ts';
import { createKeys, keysNear, type TestKeys } from './keys.ts';
import { Solo, type ScriptedPeer, type SoloOptions } from './solo.ts';

export interface Scene {
  readonly solo: Solo;
  readonly from: ScriptedPeer;
  /** Peers that lead to the target, in the order in which they are tried. */
  readonly ways: readonly ScriptedPeer[];
  readonly target: TestKeys;
}

/** A node between `from` and a far target, to which several peers lead. */
export function scene(options: SoloOptions = {}, wayCount = 3): Scene {
  const solo = new Solo(options);
  const target = keysNear(solo.random, solo.keys.id, 0);
  const from = solo.link(keysNear(solo.random, solo.keys.id, 2));
  const ways = Array.from({ length: wayCount }, () => solo.link(keysNear(solo.random, solo.keys.id, 0)));
  for (const way of ways) way.tellLinks(target.id);
  solo.completeTable();
  const distance = (peer: ScriptedPeer): string => hexOfXor(peer.id, target.id);
  ways.sort((a, b) => (distance(a) < distance(b) ? -1 : 1));
  return { solo, from, ways, target };
}

function hexOfXor(a: Uint8Array, b: Uint8Array): string {
  return Buffer.from(a.map((byte, i) => byte ^ b[i]!)).toString('hex');
}

/** Whose messages cross. */
export const origin = createKeys(new Solo().random);

/** A message of `origin` comes over the link `from`, by default a `direct` one for the target. */
export function pass({ from, target }: Scene, changes: object = {}): Frame {
  return from.message({ kind: 'direct', target: target.id, flags: FLAG_RECEIPT, ...changes }, origin);
}

/** A peer says how far a message came. */
export function mark(peer: ScriptedPeer, stage: ProgressMark['stage'], message: string): void {
  peer.sendControl({ type: 'progress', marks: [{ stage, message }] });
}

let nextId = 1;
/** The node sends a message of its own. */
export function send(
  solo: Solo,
  target: NodeId,
  changes: Partial<Extract<Command, { type: 'send' }>> = {},
): void {
  solo.command({
    type: 'send',
    id: nextId++,
    kind: 'direct',
    target,
    body: Uint8Array.of(1),
    request: false,
    receipt: true,
    timeoutMs: 10_000,
    ...changes,
  });
}

export const receiptOf = (solo: Solo) => solo.events('result').at(-1)?.receipt;
export const retriesOf = (solo: Solo) => solo.events('retry').map(({ reason }) => reason);
