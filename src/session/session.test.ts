import { afterEach, describe, expect, test, vi } from 'vitest';
import { idOfText } from '../identity/hash.ts';
import { compareXor } from '../core/id/xor.ts';
import { fromHex, toHex } from '../core/id/node-id.ts';
import { FRAME_KINDS } from '../core/wire/frame.ts';
import { MemoryTransport } from '../transport/memory/memory-transport.ts';
import type { Id, Message, OverlayEvent, Payload, Snapshot } from './api.ts';
import type { OverlaySession } from './overlay-session.ts';
import { SessionHarness, until } from './session-harness.ts';

afterEach(() => SessionHarness.closeAll());

const linkedTo = (snapshot: Snapshot): Id[] =>
  snapshot.links.filter(({ state }) => state === 'up').map(({ peer }) => peer);

describe('a session', () => {
  test('[SE1] alone it is ready, is the nearest node to every key, and reaches nobody else', async () => {
    const session = await new SessionHarness().open();
    expect(session.snapshot().state).toBe('alone');
    const received: Payload[] = [];
    session.onMessage(({ payload }) => void received.push(payload));
    const receipt = await session.closest('somewhere', 'hello');
    expect(receipt).toMatchObject({ ok: true, by: [session.id], hops: 0 });
    expect(received).toEqual(['hello']);
    expect(await session.direct('00'.repeat(32), 'x', { timeoutMs: 500 })).toMatchObject({ ok: false });
    expect(await session.neighbour('00'.repeat(32), 'x')).toMatchObject({ ok: false, reason: 'not-linked' });
  });

  test('[SE2] two find each other, and every kind of message arrives with its payload exact', async () => {
    const [a, b] = (await new SessionHarness().openMany(2)) as [OverlaySession, OverlaySession];
    const received: Payload[] = [];
    b.onMessage(({ payload }) => void received.push(payload));
    const payloads: Payload[] = [
      'text',
      new Uint8Array([0, 255]),
      { list: [1, null, true], name: 'x' },
      '',
      0,
    ];
    for (const payload of payloads) {
      expect(await a.direct(b.id, payload)).toMatchObject({
        ok: true,
        by: [b.id],
        hops: 1,
        path: [a.id, b.id],
      });
    }
    expect(await a.neighbour(b.id, 'n')).toMatchObject({ ok: true });
    expect(await a.broadcast('all')).toMatchObject({
      ok: true,
      by: [b.id],
      message: expect.stringMatching(/^[0-9a-f]{32}$/u),
    });
    await until(() => received.length === payloads.length + 2);
    expect(received).toEqual([...payloads, 'n', 'all']);
  });

  test('[SE3] the first handler that returns something replies; one that throws is passed over and logged', async () => {
    const [a, b] = (await new SessionHarness().openMany(2)) as [OverlaySession, OverlaySession];
    const events: OverlayEvent[] = [];
    b.onEvent((event) => void events.push(event));
    expect(await a.request({ direct: b.id }, 'anybody?')).toMatchObject({ ok: false, reason: 'no-reply' });
    b.onMessage(() => {
      throw new Error('broken');
    });
    b.onMessage(() => undefined);
    b.onMessage(async ({ payload }) => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      return { echo: payload };
    });
    b.onMessage(() => 'too late');
    expect(await a.request({ direct: b.id }, 'hi')).toMatchObject({ ok: true, reply: { echo: 'hi' } });
    expect(await a.request({ neighbour: b.id }, 'hi')).toMatchObject({ ok: true, reply: { echo: 'hi' } });
    expect(events.some((event) => event.type === 'fault' && event.problem.includes('broken'))).toBe(true);
    expect(b.snapshot().problem).toBeUndefined();
  });

  test('[SE4] a closest message lands on the nearest of eight, whoever sends it; lookups agree', async () => {
    const sessions = await new SessionHarness().openMany(8);
    await until(() => sessions.every((session) => session.snapshot().links.length === 7));
    for (const [i, key] of ['red', 'green', 'blue', 'left', 'right'].entries()) {
      const target = idOfText(key);
      const nearest = sessions
        .map(({ id }) => fromHex(id)!)
        .sort((x, y) => compareXor(target, x, y))
        .map((id) => sessions.find((session) => session.id === Buffer.from(id).toString('hex'))!);
      const receipt = await sessions[i]!.closest(key, i);
      expect(receipt).toMatchObject({ ok: true, by: [nearest[0]!.id] });
      expect(receipt.message).toMatch(/^[0-9a-f]{32}$/);
      const lookup = await sessions[i]!.lookup(key);
      expect(lookup.found[0]).toBe(nearest[0]!.id);
    }
  });

  test('[SE5] leaving is noticed at once, ends unfinished calls with `left`, and later calls say the same', async () => {
    const [a, b] = (await new SessionHarness().openMany(2)) as [OverlaySession, OverlaySession];
    b.onMessage(() => new Promise(() => {}));
    const unfinished = a.request({ direct: b.id }, 'never');
    await a.leave();
    expect(await unfinished).toMatchObject({ ok: false, reason: 'left' });
    expect(await a.direct(b.id, 'x')).toMatchObject({ ok: false, reason: 'left' });
    expect(a.snapshot().state).toBe('left');
    await until(() => linkedTo(b.snapshot()).length === 0);
    await a.leave();
  });

  test('[SE6] the server may go: messages go on; it comes back and newcomers join', async () => {
    const harness = new SessionHarness();
    const [a, b] = (await harness.openMany(2)) as [OverlaySession, OverlaySession];
    harness.hub.setRunning(false);
    expect(a.snapshot()).toMatchObject({ signaling: 'offline', signalingProblem: expect.any(String) });
    expect(await a.direct(b.id, 'still here')).toMatchObject({ ok: true });
    harness.hub.setRunning(true);
    const c = await harness.open();
    await until(() => c.snapshot().state === 'ready');
    expect(await c.direct(a.id, 'hello')).toMatchObject({ ok: true });
  });

  test('[SE7] a call never outlives its time-out', async () => {
    const [a, b] = (await new SessionHarness().openMany(2)) as [OverlaySession, OverlaySession];
    b.onMessage(() => new Promise(() => {}));
    const began = performance.now();
    expect(await a.request({ direct: b.id }, 'x', { timeoutMs: 200 })).toMatchObject({
      ok: false,
      reason: 'timeout',
    });
    expect(performance.now() - began).toBeLessThan(1_500);
  });

  test('[SE8] misuse rejects with a sentence and sends nothing', async () => {
    const session = await new SessionHarness().open();
    const calls: (() => Promise<unknown>)[] = [
      () => session.direct('abc', 'x'),
      () => session.direct(undefined as never, 'x'),
      () => session.closest(new Uint8Array(31), 'x'),
      () => session.closest({ word: 'x' } as never, 'x'),
      () => session.closest('k', (() => 1) as never),
      () => session.closest('k', undefined as never),
      () => session.closest('k', 'x', { timeoutMs: 0 }),
      () => session.closest('k', 'x', { timeoutMs: 60_001 }),
      () => session.closest('k', 'x', { hopLimit: 21 }),
      () => session.request({} as never, 'x'),
      () => session.request({ direct: session.id, closest: 'k' } as never, 'x'),
      () => session.broadcast('x', { scope: 'everywhere' as never }),
    ];
    for (const call of calls) await expect(call()).rejects.toThrow(/^\w.*\.$/);
    expect(() => session.onMessage(7 as never)).toThrow(TypeError);
    expect(() => session.ping('zz')).toThrow(TypeError);
    expect(session.snapshot().counters.sent).toBe(0);
  });

  test('[SE9] a payload above 64 KiB is refused, one just below arrives', async () => {
    const [a, b] = (await new SessionHarness().openMany(2)) as [OverlaySession, OverlaySession];
    expect(await a.direct(b.id, new Uint8Array(70_000))).toMatchObject({ ok: false, reason: 'too-large' });
    const large = new Uint8Array(64 * 1024 - 8).map((_, i) => i % 251);
    let received: Payload | undefined;
    b.onMessage(({ payload }) => {
      received = payload;
    });
    expect(await a.direct(b.id, large)).toMatchObject({ ok: true });
    expect(received).toEqual(large);
  });

  test('[SE10] an answering event handler replies to a closest request on its way', async () => {
    const sessions = await new SessionHarness().openMany(8, { bucketSize: 1, linksMax: 2, siblings: 1 });
    for (const session of sessions) session.onMessage(({ payload }) => ({ end: payload }));
    // Whichever way a request takes: with two links each, most nodes need others to reach the nearest one.
    const removers = sessions.map((session) =>
      session.onEvent(
        (event) =>
          event.type === 'routing' && event.payload !== undefined ? { cache: event.payload } : undefined,
        { answers: true },
      ),
    );
    const asked = await Promise.all(sessions.map((from) => from.request({ closest: 'cached' }, 'q')));
    const early = asked.filter((reply) => reply.onTheWay);
    expect(early.length).toBeGreaterThan(0);
    for (const reply of early) expect(reply).toMatchObject({ ok: true, reply: { cache: 'q' } });
    for (const reply of asked.filter((reply) => !reply.onTheWay)) {
      expect(reply).toMatchObject({ ok: true, reply: { end: 'q' } });
    }
    removers.forEach((remove) => remove());
    for (const from of sessions) {
      expect(await from.request({ closest: 'cached' }, 'q')).toMatchObject({
        onTheWay: false,
        reply: { end: 'q' },
      });
    }
  });

  test('[SE11] what most members of a group send reaches a node once, and names them; nothing is sent back', async () => {
    const sessions = await new SessionHarness().openMany(6);
    await until(() => sessions.every((session) => session.snapshot().links.length === 5));
    const { found } = await sessions[0]!.lookup('the council');
    const members = found.slice(0, 3).map((id) => sessions.find((session) => session.id === id)!);
    const outsiders = sessions.filter((session) => !members.includes(session));
    const to = outsiders[0]!;
    const received: Message[] = [];
    to.onMessage((message) => {
      received.push(message);
      return 'nobody hears this';
    });
    const events: OverlayEvent[] = [];
    to.onEvent((event) => void events.push(event));
    const receipts = await Promise.all(
      members.map((member) => member.fromGroup('the council', to.id, { verdict: 'yes' }, { size: 3 })),
    );
    for (const [i, receipt] of receipts.entries()) {
      expect(receipt).toMatchObject({ ok: true, by: [to.id] });
      expect(receipt.path[0]).toBe(members[i]!.id);
      expect(receipt).not.toHaveProperty('reply');
    }
    await until(() => received.length > 0);
    const [message] = received as [Message];
    const { fromGroup } = message;
    expect(message).toMatchObject({
      kind: 'direct',
      target: to.id,
      payload: { verdict: 'yes' },
      wantsReply: false,
    });
    expect(fromGroup).toMatchObject({ key: toHex(idOfText('the council')), size: 3 });
    expect(fromGroup!.members.length).toBeGreaterThanOrEqual(2);
    expect(found.slice(0, 3)).toEqual(expect.arrayContaining([...fromGroup!.members]));
    expect(fromGroup!.members).toContain(message.origin);
    const shown = events.filter((event) => event.type === 'delivered' && event.fromGroup !== undefined);
    expect(shown).toMatchObject([{ service: 'app', fromGroup, payload: { verdict: 'yes' } }]);
    expect(await to.fromGroup('the council', members[0]!.id, 'no', { size: 3 })).toMatchObject({
      ok: false,
      reason: 'not-member',
    });
    await expect(to.fromGroup('the council', to.id, 'no', { size: 33 })).rejects.toThrow(/size/);
    await expect(to.fromGroup('the council', 'abc', 'no')).rejects.toThrow(TypeError);
    expect(received.length).toBe(1);
  });
});

describe('a ring', () => {
  test('[SE13] sessions that ask for chord form one ring: true neighbours, messages, closest, values', async () => {
    const sessions = await new SessionHarness().openMany(6, { geometry: 'chord' });
    const ids = sessions.map(({ id }) => id).sort();
    const after = (key: Id): Id => ids.find((id) => id >= key) ?? ids[0]!;
    const isPlaced = ({ id, snapshot }: { readonly id: Id; readonly snapshot: Snapshot }): boolean => {
      const place = ids.indexOf(id);
      return (
        snapshot.geometry === 'chord' &&
        snapshot.complete &&
        snapshot.ring?.successors[0]?.id === ids[(place + 1) % ids.length] &&
        snapshot.ring?.predecessors[0]?.id === ids[(place + ids.length - 1) % ids.length]
      );
    };
    // Who stood beside the last newcomer hears of it a moment after that one is in.
    await until(() =>
      sessions.every((session) => isPlaced({ id: session.id, snapshot: session.snapshot() })),
    );
    for (const session of sessions) {
      for (const id of ids) expect(await session.direct(id, 'hello')).toMatchObject({ ok: true, by: [id] });
      const key = toHex(idOfText(session.id));
      expect(await session.closest(key, 'whose?')).toMatchObject({ ok: true, by: [after(key)] });
      expect(await session.put(key, session.id)).toMatchObject({ ok: true });
    }
    for (const { id } of sessions) {
      const got = await sessions[0]!.get(toHex(idOfText(id)));
      expect(got).toMatchObject({ ok: true, value: id });
    }
  });
});

type Transmit = (this: MemoryTransport, link: number, bytes: Uint8Array) => void;

describe('what was tried', () => {
  test('[SE14] a lookup and a get that nobody answered say where they were under way', async () => {
    const [a, b] = (await new SessionHarness().openMany(2)) as [OverlaySession, OverlaySession];
    const transmit = Reflect.get(MemoryTransport.prototype, 'transmit') as Transmit;
    const losing = vi.spyOn(MemoryTransport.prototype, 'transmit');
    losing.mockImplementation(function (this: MemoryTransport, link, bytes) {
      if (bytes[1] !== FRAME_KINDS.answer) transmit.call(this, link, bytes);
    });
    try {
      const events: OverlayEvent[] = [];
      a.onEvent((event) => void events.push(event));
      // Over before the silence counts as such; then this tab would answer itself.
      let lookup = await a.lookup(b.id, { timeoutMs: 200 });
      while (lookup.ok || lookup.tried.length === 0) lookup = await a.lookup(b.id, { timeoutMs: 200 });
      const tried = [{ peer: b.id, reason: 'unanswered' }];
      expect(lookup).toMatchObject({ ok: false, reason: 'timeout', found: [], tried });
      const settled = events.find((event) => event.type === 'settled' && event.message === lookup.message);
      expect(settled).toMatchObject({ service: 'lookup', receipt: { tried } });
      const got = await a.get('nothing', { timeoutMs: 400 });
      expect(got).toMatchObject({ ok: false, reason: 'timeout' });
      expect(got.steps.filter(({ id }) => id === b.id)).toMatchObject([{ state: 'asked' }]);
    } finally {
      losing.mockRestore();
    }
  });
});
