/** Goal: what a simulation can do to real nodes from code works as it says: freeze, chosen ids, a server that stops. */

import { bucketsOf } from '../core/snapshot.ts';
import { describe, expect, test } from 'vitest';
import { createConfig } from '../core/config.ts';
import type { NodeEvent } from '../core/events.ts';
import { asNodeId, compareIds } from '../core/id/node-id.ts';
import { judgeCompleteness } from './checkers/liveness.ts';
import { checkLinkAgreement, checkNodeSafety } from './checkers/safety.ts';
import type { SimNode } from './sim-node.ts';
import { Simulation } from './simulator.ts';

const CONFIG = createConfig('browser');

function startNetwork(count: number, seed: number): Simulation {
  const simulation = new Simulation({ seed });
  for (let i = 0; i < count; i++) {
    simulation.start(simulation.addNode({ config: CONFIG }));
    simulation.runUntil(simulation.now + 200);
  }
  simulation.runUntil(simulation.now + 5_000);
  return simulation;
}

/** Sends a direct message and runs until it has its result. */
function sendDirect(simulation: Simulation, from: SimNode, to: SimNode): NodeEvent & { type: 'result' } {
  let result: (NodeEvent & { type: 'result' }) | undefined;
  simulation.onEvent = (node, event) => {
    if (node === from && event.type === 'result') result = event;
  };
  simulation.command(from, {
    type: 'send',
    id: 1,
    kind: 'direct',
    target: to.id,
    body: new Uint8Array(8),
    request: false,
    receipt: true,
    timeoutMs: 8_000,
  });
  simulation.runWhile(() => result === undefined, 10, simulation.now + 9_000);
  if (result === undefined) throw new Error('no result');
  return result;
}

test('virtual time stands still while nothing runs and moves exactly as far as it is told', () => {
  const simulation = new Simulation({ seed: 1 });
  const at: number[] = [];
  simulation.schedule(10, () => at.push(simulation.now));
  simulation.schedule(20, () => at.push(simulation.now));
  simulation.runUntil(15);
  expect(at).toEqual([10]);
  expect(simulation.now).toBe(15);
  simulation.runUntil(100);
  expect(at).toEqual([10, 20]);
});

test('a scenario can choose ids and what each node knows', () => {
  const simulation = new Simulation({ seed: 2 });
  const ids = [0, 1, 2].map((index) => asNodeId(new Uint8Array(32).fill(index * 80)));
  const nodes = ids.map((id) => simulation.addNode({ id, config: CONFIG }));
  nodes[0]!.contacts = () => [nodes[1]!.record];
  for (const node of nodes) simulation.start(node);
  expect(nodes.map((node) => node.id)).toEqual(ids);
  const known = bucketsOf(nodes[0]!.core!.snapshot()).flatMap((bucket) => bucket.contacts);
  expect(known.map((contact) => contact.id)).toEqual([ids[1]]);
  simulation.runUntil(3_000);
  expect(judgeCompleteness(simulation)).toMatchObject({ live: 3, complete: 3 });
});

describe('a frozen node', () => {
  test('answers nothing while it is frozen and takes part again afterwards', () => {
    const simulation = startNetwork(8, 3);
    const [first, second] = simulation.nodes as [SimNode, SimNode];
    simulation.freeze(second, 500);
    const sentAt = simulation.now;
    expect(sendDirect(simulation, first, second).receipt.ok).toBe(true);
    expect(simulation.now - sentAt).toBeGreaterThanOrEqual(500);
    simulation.runUntil(simulation.now + 1_000);
    expect(sendDirect(simulation, second, first).receipt.ok).toBe(true);
  });

  test('is dropped when it sleeps for a minute, and comes back', () => {
    const simulation = startNetwork(8, 4);
    const sleeper = simulation.nodes[3]!;
    simulation.freeze(sleeper, 60_000);
    simulation.runUntil(simulation.now + 30_000);
    expect(sendDirect(simulation, simulation.nodes[0]!, sleeper).receipt.ok).toBe(false);
    simulation.runUntil(simulation.now + 60_000);
    expect(sendDirect(simulation, simulation.nodes[0]!, sleeper).receipt.ok).toBe(true);
    expect(judgeCompleteness(simulation).gaps).toEqual([]);
  });
});

describe('without the server', () => {
  test('messages go on and a node that lost a link gets new ones through the overlay', () => {
    const simulation = startNetwork(12, 5);
    simulation.server.stop();
    simulation.runUntil(simulation.now + 1_000);
    const bytes = simulation.server.bytesIn + simulation.server.bytesOut;
    for (let i = 1; i < 12; i++) {
      expect(sendDirect(simulation, simulation.nodes[0]!, simulation.nodes[i]!).receipt.ok).toBe(true);
    }
    simulation.close(simulation.nodes[11]!);
    simulation.runUntil(simulation.now + 10_000);
    expect(judgeCompleteness(simulation).gaps).toEqual([]);
    expect(simulation.server.bytesIn + simulation.server.bytesOut).toBe(bytes);
  });

  test('a newcomer waits, and joins when the server is back', () => {
    const simulation = startNetwork(6, 6);
    simulation.server.stop();
    const newcomer = simulation.addNode({ config: CONFIG });
    simulation.start(newcomer);
    simulation.runUntil(simulation.now + 5_000);
    expect(newcomer.readyAt).toBe(-1);
    simulation.server.restart(simulation.liveNodes());
    simulation.runUntil(simulation.now + 8_000);
    expect(newcomer.readyAt).toBeGreaterThan(0);
    expect(judgeCompleteness(simulation)).toMatchObject({ live: 7, complete: 7 });
  });
});

test('a node that leaves is forgotten by all at once', () => {
  const simulation = startNetwork(10, 7);
  const leaver = simulation.nodes[4]!;
  simulation.leave(leaver);
  simulation.runUntil(simulation.now + 2_000);
  expect(leaver.life).toBe('left');
  for (const node of simulation.liveNodes()) {
    const contacts = bucketsOf(node.core!.snapshot()).flatMap((bucket) => bucket.contacts);
    expect(contacts.some((contact) => compareIds(contact.id, leaver.id) === 0)).toBe(false);
  }
});

test('checkers find nothing wrong in a quiet network, and do find a link that only one end has', () => {
  const simulation = startNetwork(6, 8);
  expect(simulation.nodes.flatMap((node) => checkNodeSafety(node, simulation.now))).toEqual([]);
  expect(checkLinkAgreement(simulation)).toEqual([]);
  simulation.crash(simulation.nodes[2]!, 'never');
  expect(checkLinkAgreement(simulation)).not.toEqual([]);
  expect(judgeCompleteness(simulation)).toMatchObject({ live: 5, complete: 5 });
});

test('the oracle notices a table that lacks a node', () => {
  const simulation = startNetwork(6, 9);
  simulation.oracle.add(99, new Uint8Array(32).fill(1));
  expect(judgeCompleteness(simulation).complete).toBe(0);
  expect(judgeCompleteness(simulation).gaps).not.toEqual([]);
});
