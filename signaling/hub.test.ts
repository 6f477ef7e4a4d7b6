import { describe, expect, test } from 'vitest';
import { chooseIntroductions } from './hub.ts';
import { LIMITS } from './limits.ts';
import { loginProof, wrongGeometrySentence } from './protocol.ts';
import { idOf, TestHub } from './test-hub.ts';

const ids = (...numbers: number[]): Uint8Array[] => numbers.map(idOf);

describe('logging in', () => {
  test('[SG7] the first message is a hello with the nonce of this socket', async () => {
    const world = new TestHub();
    await world.open(3);
    expect(world.sent(3)).toEqual([{ type: 'hello', version: 1, nonce: idOf(3) }]);
  });

  test('[SG8] a login is checked over nonce, room, geometry and host, and then welcomed', async () => {
    const iceServers = [{ urls: 'stun:a.example' }];
    const world = new TestHub({ iceServers });
    await world.login(1, 7, 'blue', { host: 'hop.example' });
    const claim = { nonce: idOf(1), room: 'blue', geometry: 'kademlia', host: 'hop.example' } as const;
    expect(world.verified).toEqual([loginProof(claim)]);
    const welcome = { type: 'welcome', geometry: 'kademlia', iceServers, introductions: [] };
    expect(world.sent(1).at(-1)).toEqual(welcome);
  });

  test('[SG8] a wrong signature is refused, and whoever holds the id stays', async () => {
    const world = new TestHub();
    await world.login(1, 7);
    await world.login(2, 7, 'room', { valid: false });
    expect([...world.closed]).toEqual([[2, 'login-refused']]);
    expect(await world.backend.roomSizes()).toEqual([1]);
  });

  test('[SG9] a server that knows its names refuses a login made for another one', async () => {
    const world = new TestHub({ publicHosts: ['hop.example'] });
    await world.login(1, 1, 'room', { host: 'hop.example' });
    await world.login(2, 2, 'room', { host: 'evil.example' });
    expect([...world.closed]).toEqual([[2, 'login-refused']]);
    expect(world.verified).toHaveLength(1);
  });

  test('[SG10] another geometry than the network runs on is refused', async () => {
    const world = new TestHub();
    await world.login(1, 1, 'room', { geometry: 'chord' });
    await world.login(2, 2, 'room', { geometry: 'kademlia' });
    await world.login(3, 3, 'other', { geometry: 'kademlia' });
    expect([...world.closed]).toEqual([[2, 'wrong-geometry']]);
    expect(world.problems.get(2)).toBe(wrongGeometrySentence('chord'));
  });

  test('[SG11] a second login with proof replaces the first', async () => {
    const world = new TestHub();
    await world.login(1, 7);
    await world.login(2, 7);
    expect([...world.closed]).toEqual([[1, 'replaced']]);
    await world.login(3, 8);
    await world.send(3, { type: 'signal', to: idOf(7), data: Uint8Array.of(1) });
    expect(world.sent(2).at(-1)).toMatchObject({ type: 'signal', from: idOf(8) });
  });

  test('[SG10] a socket logs in once', async () => {
    const world = new TestHub();
    await world.login(1, 7);
    const again = { type: 'login', publicKey: idOf(8), signature: new Uint8Array(64).fill(1) } as const;
    await world.send(1, { ...again, room: 'other', geometry: 'kademlia', host: 'h' });
    expect(world.sent(1).at(-1)).toMatchObject({ type: 'error', code: 'already-logged-in' });
  });

  test('[SG10] a socket that goes while its login is under way leaves nobody behind', async () => {
    const world = new TestHub();
    const { hub } = world;
    await world.open(1);
    await world.feed({ type: 'closed', session: 1 });
    expect(hub.sessionCount).toBe(0);
    // The same between the backend's answer and the welcome.
    await world.open(2);
    hub.handleInput({ type: 'verified', session: 2, id: idOf(2) }, 0);
    expect(hub.pollOutput()).toBeUndefined();
    await world.login(3, 3);
    await world.feed({ type: 'closed', session: 3 });
    await world.feed({ type: 'joined', session: 3, result: { ok: true, geometry: 'kademlia' } });
    expect(await world.backend.roomSizes()).toEqual([]);
  });
});

describe('introductions', () => {
  test('[SG12] two nearest first, then random ones, four in all, never the asker, never twice', () => {
    expect(chooseIntroductions(idOf(1), ids(1, 2, 3), ids(3, 9, 1, 8, 7))).toEqual(ids(2, 3, 9, 8));
    expect(chooseIntroductions(idOf(1), ids(2, 3, 4), ids(5, 6, 7, 8, 9))).toEqual(ids(2, 3, 5, 6));
    expect(chooseIntroductions(idOf(1), ids(1, 2), ids(1, 2))).toEqual(ids(2));
    expect(chooseIntroductions(idOf(1), ids(1), ids(1))).toEqual([]);
  });

  test('[SG12] a newcomer hears of members of its own room only', async () => {
    const world = new TestHub();
    for (let n = 1; n <= 3; n++) await world.login(n, n, 'a');
    for (let n = 4; n <= 6; n++) await world.login(n, n, 'b');
    await world.login(7, 7, 'a');
    const welcome = world.sent(7).at(-1);
    expect(welcome).toMatchObject({ type: 'welcome' });
    const introduced = welcome?.type === 'welcome' ? welcome.introductions.map((id) => id[0]!) : [];
    expect(new Set(introduced)).toEqual(new Set([1, 2, 3]));
    expect(introduced).toHaveLength(3);
  });

  test('[SG13] more requests than the rate allows are dropped with an error that is no fault', async () => {
    const world = new TestHub();
    await world.login(1, 1);
    world.sent(1);
    for (let i = 0; i < LIMITS.introduceBurst; i++) await world.send(1, { type: 'introduce' });
    expect(world.sent(1).every(({ type }) => type === 'introductions')).toBe(true);
    for (let i = 0; i < 20; i++) await world.send(1, { type: 'introduce' });
    expect(
      world.sent(1).every((message) => message.type === 'error' && message.code === 'introduced-recently'),
    ).toBe(true);
    expect(world.closed.size).toBe(0);
    world.now += 1000 / LIMITS.introducesPerSecond;
    await world.send(1, { type: 'introduce' });
    expect(world.sent(1)).toEqual([{ type: 'introductions', ids: [] }]);
  });
});

describe('signals', () => {
  test('[SG14] reach their node unchanged, with the sender the server knows', async () => {
    const world = new TestHub();
    await world.login(1, 1);
    await world.login(2, 2);
    const data = Uint8Array.of(0, 255, 10);
    await world.send(1, { type: 'signal', to: idOf(2), data });
    expect(world.sent(2).at(-1)).toEqual({ type: 'signal', from: idOf(1), data });
  });

  test('[SG14] to a node of another room, or to nobody, come back as undeliverable', async () => {
    const world = new TestHub();
    await world.login(1, 1, 'a');
    await world.login(2, 2, 'b');
    world.sent(2);
    for (const to of [idOf(2), idOf(99)]) {
      await world.send(1, { type: 'signal', to, data: Uint8Array.of(1) });
      expect(world.sent(1).at(-1)).toEqual({ type: 'undeliverable', to });
    }
    expect(world.sent(2)).toEqual([]);
  });

  test('[SG14] before the welcome are refused', async () => {
    const world = new TestHub();
    await world.open(1);
    await world.send(1, { type: 'signal', to: idOf(2), data: Uint8Array.of(1) });
    expect(world.sent(1).at(-1)).toMatchObject({ type: 'error', code: 'not-logged-in' });
  });
});

describe('limits', () => {
  test('[SG15] the burst passes, one message more is dropped with an error', async () => {
    const world = new TestHub();
    await world.login(1, 1);
    await world.login(2, 2);
    world.sent(2);
    // The login was the first message of the burst.
    const burst = LIMITS.messageBurst - 1;
    const signal = { type: 'signal', to: idOf(2), data: Uint8Array.of(1) } as const;
    for (let i = 0; i < burst + 1; i++) await world.send(1, signal);
    expect(world.sent(2)).toHaveLength(burst);
    expect(world.sent(1).at(-1)).toMatchObject({ type: 'error', code: 'too-fast' });
    world.now += 1000;
    for (let i = 0; i < LIMITS.messagesPerSecond; i++) await world.send(1, signal);
    expect(world.sent(2)).toHaveLength(LIMITS.messagesPerSecond);
    expect(world.closed.size).toBe(0);
  });

  test('[SG15] who goes on flooding is closed', async () => {
    const world = new TestHub();
    await world.login(1, 1);
    const accepted = LIMITS.messageBurst - 1 + LIMITS.faultsPerMinute;
    for (let i = 0; i < accepted; i++) await world.send(1, '{"type":"introduce"}');
    expect(world.closed.size).toBe(0);
    await world.send(1, '{"type":"introduce"}');
    expect([...world.closed]).toEqual([[1, 'too-fast']]);
    expect(await world.backend.roomSizes()).toEqual([]);
  });

  test('[SG16] bad input gets an error, the eleventh in a minute closes', async () => {
    const world = new TestHub();
    await world.login(1, 1);
    world.sent(1);
    for (let i = 0; i < LIMITS.faultsPerMinute; i++) await world.send(1, 'nonsense');
    expect(world.sent(1)).toHaveLength(LIMITS.faultsPerMinute);
    expect(world.closed.size).toBe(0);
    await world.send(1, '{"type":"dance"}');
    expect([...world.closed]).toEqual([[1, 'bad-input']]);
  });

  test('[SG16] faults are forgiven with time', async () => {
    const world = new TestHub();
    await world.login(1, 1);
    for (let i = 0; i < 100; i++) {
      await world.send(1, 'nonsense');
      world.now += 60_000 / LIMITS.faultsPerMinute;
    }
    expect(world.closed.size).toBe(0);
  });

  test('[SG17] who has not logged in by the deadline is closed, a member is not', async () => {
    const world = new TestHub();
    await world.open(1);
    await world.login(2, 2);
    world.now = LIMITS.loginTimeoutMs - 1;
    await world.feed({ type: 'tick' });
    expect(world.closed.size).toBe(0);
    world.now = LIMITS.loginTimeoutMs;
    await world.feed({ type: 'tick' });
    expect([...world.closed]).toEqual([[1, 'login-timeout']]);
  });

  test('[SG18] a socket is pinged, and closed when no pong came by the next ping', async () => {
    const world = new TestHub();
    await world.login(1, 1);
    await world.login(2, 2);
    const pass = async (ms: number): Promise<void> => {
      world.now += ms;
      await world.feed({ type: 'tick' });
    };
    await pass(LIMITS.pingMs - 1);
    expect(world.pinged).toEqual([]);
    await pass(1);
    expect(world.pinged).toEqual([1, 2]);
    await world.feed({ type: 'pong', session: 1 });
    await pass(LIMITS.pingMs - 1);
    expect(world.closed.size).toBe(0);
    await pass(1);
    expect([...world.closed]).toEqual([[2, 'no-pong']]);
    expect(world.pinged).toEqual([1, 2, 1]);
  });

  test('[SG19] one socket above the limit is closed as full, and there is room again when one goes', async () => {
    const world = new TestHub({ limits: { ...LIMITS, socketsMax: 2 } });
    for (const session of [1, 2, 3]) await world.open(session);
    expect([...world.closed]).toEqual([[3, 'full']]);
    await world.feed({ type: 'closed', session: 1 });
    await world.open(4);
    expect(world.closed.size).toBe(1);
  });
});
