/**
 * The hub and the memory backend against a naive model: a list of who is logged in where. Random logins, re-logins,
 * disconnects, signals and requests for introductions; after each step both must agree on who is in which room, what
 * was delivered and who was introduced. Above all: no signal and no introduction crosses rooms.
 */

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { INTRODUCTIONS, LIMITS } from './limits.ts';
import type { Geometry } from './protocol.ts';
import { idOf, TestHub } from './test-hub.ts';

interface Member {
  readonly session: number;
  readonly id: number;
  readonly room: string;
  readonly geometry: Geometry;
}

interface Model {
  members: Member[];
  sessions: number;
}

type Command = fc.AsyncCommand<Model, TestHub>;

class Login implements Command {
  readonly id: number;
  readonly room: string;
  readonly geometry: Geometry;
  readonly valid: boolean;

  constructor(id: number, room: string, geometry: Geometry, valid: boolean) {
    [this.id, this.room, this.geometry, this.valid] = [id, room, geometry, valid];
  }

  check(): boolean {
    return true;
  }

  async run(model: Model, world: TestHub): Promise<void> {
    const { id, room, geometry, valid } = this;
    const session = ++model.sessions;
    await world.login(session, id, room, { geometry, valid });
    const others = model.members.filter((member) => member.room === room && member.id !== id);
    if (!valid) {
      expect(world.closed.get(session)).toBe('login-refused');
    } else if (others.some((member) => member.geometry !== geometry)) {
      expect(world.closed.get(session)).toBe('wrong-geometry');
    } else {
      const old = model.members.find((member) => member.room === room && member.id === id);
      if (old !== undefined) expect(world.closed.get(old.session)).toBe('replaced');
      model.members = [...model.members.filter((member) => member !== old), { session, id, room, geometry }];
      const welcome = world.sent(session).at(-1);
      expect(welcome?.type).toBe('welcome');
      if (welcome?.type === 'welcome') expectIntroductions(welcome.introductions, others);
    }
    await expectSameRooms(model, world);
  }

  toString(): string {
    return `login(${this.id}, ${this.room}, ${this.geometry}, ${this.valid ? 'proof' : 'no proof'})`;
  }
}

class Leave implements Command {
  readonly which: number;

  constructor(which: number) {
    this.which = which;
  }

  check({ members }: Model): boolean {
    return members.length > 0;
  }

  async run(model: Model, world: TestHub): Promise<void> {
    const gone = pick(model.members, this.which);
    model.members = model.members.filter((member) => member !== gone);
    await world.feed({ type: 'closed', session: gone.session });
    await expectSameRooms(model, world);
  }

  toString(): string {
    return `leave(${this.which})`;
  }
}

class SendSignal implements Command {
  readonly which: number;
  readonly to: number;

  constructor(which: number, to: number) {
    [this.which, this.to] = [which, to];
  }

  check({ members }: Model): boolean {
    return members.length > 0;
  }

  async run({ members }: Model, world: TestHub): Promise<void> {
    const sender = pick(members, this.which);
    const receiver = members.find(({ id, room }) => id === this.to && room === sender.room);
    for (const { session } of members) world.sent(session);
    const data = Uint8Array.of(this.which, this.to);
    await world.send(sender.session, { type: 'signal', to: idOf(this.to), data });
    for (const { session } of members) {
      const expected = [];
      if (session === receiver?.session) expected.push({ type: 'signal', from: idOf(sender.id), data });
      if (session === sender.session && receiver === undefined) {
        expected.push({ type: 'undeliverable', to: idOf(this.to) });
      }
      expect(world.sent(session)).toEqual(expected);
    }
    world.now += 1_000;
  }

  toString(): string {
    return `signal(${this.which}, ${this.to})`;
  }
}

class Introduce implements Command {
  readonly which: number;

  constructor(which: number) {
    this.which = which;
  }

  check({ members }: Model): boolean {
    return members.length > 0;
  }

  async run({ members }: Model, world: TestHub): Promise<void> {
    const asker = pick(members, this.which);
    world.now += 10_000;
    world.sent(asker.session);
    await world.send(asker.session, { type: 'introduce' });
    const [answer] = world.sent(asker.session);
    const others = members.filter(({ id, room }) => room === asker.room && id !== asker.id);
    expect(answer?.type).toBe('introductions');
    if (answer?.type === 'introductions') expectIntroductions(answer.ids, others);
  }

  toString(): string {
    return `introduce(${this.which})`;
  }
}

function expectIntroductions(ids: readonly Uint8Array[], others: readonly Member[]): void {
  expect(ids).toHaveLength(Math.min(INTRODUCTIONS, others.length));
  expect(new Set(ids.map((id) => id[0])).size).toBe(ids.length);
  for (const id of ids) expect(others.map((member) => member.id)).toContain(id[0]);
}

async function expectSameRooms({ members }: Model, world: TestHub): Promise<void> {
  const sizes = new Map<string, number>();
  for (const { room } of members) sizes.set(room, (sizes.get(room) ?? 0) + 1);
  expect(sorted(await world.backend.roomSizes())).toEqual(sorted(sizes.values()));
  expect(world.hub.sessionCount).toBe(members.length);
}

function sorted(counts: Iterable<number>): number[] {
  return Array.from(counts).sort((a, b) => a - b);
}

function pick(members: readonly Member[], which: number): Member {
  return members[which % members.length]!;
}

test(
  '[SG10] [SG11] [SG12] [SG14] the hub does what a list of logins would',
  { timeout: 300_000 },
  async () => {
    const id = fc.integer({ min: 1, max: 12 });
    const which = fc.nat(50);
    // Mostly one geometry: rooms that hardly anybody gets into would test little.
    const geometry = fc.constantFrom<Geometry>('kademlia', 'kademlia', 'kademlia', 'chord');
    const valid = fc.constantFrom(true, true, true, true, false);
    const commands = [
      fc.tuple(id, fc.constantFrom('a', 'b'), geometry, valid).map((login) => new Login(...login)),
      which.map((which) => new Leave(which)),
      fc.tuple(which, id).map((signal) => new SendSignal(...signal)),
      which.map((which) => new Introduce(which)),
    ];
    const numRuns = process.env['HOPLINE_LONG'] === '1' ? 5_000 : 300;
    await fc.assert(
      fc.asyncProperty(
        fc.commands(commands, { maxCommands: 60 }),
        fc.infiniteStream(fc.nat(9_999)),
        (steps, numbers) => {
          const random = (): number => numbers.next().value! / 10_000;
          // Time moves in seconds here; nobody shall be closed for being slow.
          const limits = { ...LIMITS, messageBurst: 1_000 };
          return fc.asyncModelRun(
            () => ({ model: { members: [], sessions: 0 }, real: new TestHub({ limits }, random) }),
            steps,
          );
        },
      ),
      { numRuns },
    );
  },
);
