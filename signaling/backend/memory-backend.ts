/** The directory of one process: rooms in memory, nothing on disk. A restart forgets everything, and clients log in again. */

import type { Backend, BackendListener, JoinResult, Membership, Relay, SessionId } from './backend.ts';
import { type Geometry, toHex } from '../protocol.ts';

interface Member {
  readonly session: SessionId;
  readonly room: Room;
  readonly id: Uint8Array;
  readonly key: string;
  /** Place in `Room.list`. */
  index: number;
}

interface Room {
  readonly name: string;
  readonly geometry: Geometry;
  readonly byKey: Map<string, Member>;
  /** The same members in no particular order, so that drawing one at random costs nothing. */
  readonly list: Member[];
}

export class MemoryBackend implements Backend {
  readonly #rooms = new Map<string, Room>();
  readonly #sessions = new Map<SessionId, Member>();
  readonly #listener: BackendListener;
  readonly #random: () => number;

  /** `random` gives numbers in [0, 1), as `Math.random` does. */
  constructor(listener: BackendListener, random: () => number) {
    this.#listener = listener;
    this.#random = random;
  }

  async join({ session, room: name, id, geometry }: Membership): Promise<JoinResult> {
    if (this.#sessions.has(session)) throw new Error('A session joins once.');
    const key = toHex(id);
    const present = this.#rooms.get(name);
    const previous = present?.byKey.get(key);
    const others = present === undefined ? 0 : present.list.length - (previous === undefined ? 0 : 1);
    if (present !== undefined && others > 0 && present.geometry !== geometry) {
      return { ok: false, geometry: present.geometry };
    }
    if (previous !== undefined) {
      this.#remove(previous);
      this.#listener.replaced(previous.session);
    }
    const room: Room = this.#rooms.get(name) ?? { name, geometry, byKey: new Map(), list: [] };
    this.#rooms.set(name, room);
    const member: Member = { session, room, id, key, index: room.list.length };
    room.byKey.set(key, member);
    room.list.push(member);
    this.#sessions.set(session, member);
    return { ok: true, geometry };
  }

  async leave(session: SessionId): Promise<void> {
    const member = this.#sessions.get(session);
    if (member !== undefined) this.#remove(member);
  }

  async sample(name: string, count: number): Promise<Uint8Array[]> {
    const list = this.#rooms.get(name)?.list ?? [];
    const chosen = new Set<Member>();
    // Floyd's way to draw without repetition: a repeated draw stands for the newest place instead.
    for (let limit = Math.max(0, list.length - count) + 1; limit <= list.length; limit++) {
      const drawn = list[Math.floor(this.#random() * limit)]!;
      chosen.add(chosen.has(drawn) ? list[limit - 1]! : drawn);
    }
    return [...chosen].map((member) => member.id);
  }

  async nearest(name: string, target: Uint8Array, count: number): Promise<Uint8Array[]> {
    const best: Uint8Array[] = [];
    for (const { id } of this.#rooms.get(name)?.list ?? []) {
      let place = best.length;
      while (place > 0 && compareXor(target, id, best[place - 1]!) < 0) place--;
      if (place >= count) continue;
      best.splice(place, 0, id);
      if (best.length > count) best.pop();
    }
    return best;
  }

  async publish({ room, from, to, data }: Relay): Promise<boolean> {
    const member = this.#rooms.get(room)?.byKey.get(toHex(to));
    if (member === undefined) return false;
    this.#listener.deliver(member.session, from, data);
    return true;
  }

  async roomSizes(): Promise<number[]> {
    return Array.from(this.#rooms.values(), (room) => room.list.length);
  }

  async close(): Promise<void> {
    this.#rooms.clear();
    this.#sessions.clear();
  }

  #remove(member: Member): void {
    const { room, key, index } = member;
    this.#sessions.delete(member.session);
    room.byKey.delete(key);
    const last = room.list.pop()!;
    if (last !== member) {
      room.list[index] = last;
      last.index = index;
    }
    if (room.list.length === 0) this.#rooms.delete(room.name);
  }
}

/** Negative when `a` is nearer to `target` than `b`; ids are compared as bytes, never as numbers. */
function compareXor(target: Uint8Array, a: Uint8Array, b: Uint8Array): number {
  for (let i = 0; i < target.length; i++) {
    const difference = (a[i]! ^ target[i]!) - (b[i]! ^ target[i]!);
    if (difference !== 0) return difference;
  }
  return 0;
}
