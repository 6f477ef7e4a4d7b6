/**
 * A small ring of real geometries without nodes around them: every step of joining, failing and maintenance is one
 * atomic change, in whatever order the caller likes. What a node would send over the network is read off the other
 * geometry at once, as in the proof of the protocol (Zave 2017, section 4).
 */

import { ChordGeometry } from '../../core/geometry/chord/chord.ts';
import type { Chain } from '../../core/geometry/chord/chain.ts';
import { asNodeId, mapKey, sameId, type MapKey, type NodeId } from '../../core/id/node-id.ts';
import type { Contact } from '../../core/wire/contact.ts';
import { judgeRing, type RingMember } from '../checkers/ring.ts';

export interface WorldOptions {
  /** Nodes of the ideal ring at the beginning and those that may join, by position among all: 'm' or 'j'. */
  readonly cast: string;
  /** Length of the lists. */
  readonly successors: number;
  /** Nodes of a list that are kept beyond that. */
  readonly spare: number;
  readonly rules?: Rules;
}

/** How a node takes over what another one tells; tests put wrong rules here. */
export interface Rules {
  /** The answer to a lookup of its own id, which makes it a member. */
  join(joiner: ChordGeometry, ids: readonly NodeId[], isGone: (key: MapKey) => boolean): void;
  /** What a neighbour is certain of. */
  reconcile(asker: ChordGeometry, chain: Chain, isGone: (key: MapKey) => boolean): void;
}

export const RULES: Rules = {
  join: (joiner, ids, isGone) => joiner.onNamed(ids, isGone),
  reconcile: (asker, { ids, isClosed }, isGone) => asker.onNamed(isClosed ? [...ids, ids[0]!] : ids, isGone),
};

/**
 * lookup: a node looks up its own id, and `other` answers. fail: gone without a sign. ask: stabilize with the nearest
 * ahead or behind, or the farthest on a list; one that is gone is found out instead. notice: finds out that `other` is
 * gone. hear: learns of `other` from news.
 */
export interface Step {
  readonly kind: 'lookup' | 'fail' | 'ask' | 'notice' | 'hear';
  readonly node: number;
  /** The other node; for `fail` the node itself. */
  readonly other: number;
}

export interface ModelNode {
  readonly geometry: ChordGeometry;
  readonly contact: Contact;
  isAlive: boolean;
  /** It has begun to join. */
  isIn: boolean;
  /** It was passed over by no list at some time, as a member. */
  wasPrincipal: boolean;
  /** Whom it found to be gone: others' word for them counts for nothing. */
  readonly gone: Set<MapKey>;
}

export class World {
  readonly nodes: readonly ModelNode[];
  readonly options: WorldOptions;
  readonly #rules: Rules;
  readonly #byKey = new Map<MapKey, number>();
  /** Failures since the ring was last whole. */
  failures = 0;

  constructor(options: WorldOptions) {
    this.options = options;
    this.#rules = options.rules ?? RULES;
    const { cast, successors, spare } = options;
    this.nodes = cast.split('').map((role, i) => {
      const id = asNodeId(Uint8Array.of(Math.floor((256 * (i + 0.5)) / cast.length)));
      const geometry = new ChordGeometry({
        self: id,
        listSize: successors,
        spare,
        cells: 1,
        refreshMs: 1,
      });
      this.#byKey.set(mapKey(id), i);
      return {
        geometry,
        contact: contactOf(id),
        isAlive: true,
        isIn: role === 'm',
        wasPrincipal: role === 'm',
        gone: new Set<MapKey>(),
      };
    });
    const ring = this.nodes.filter(({ isIn }) => isIn);
    for (const { geometry } of ring) {
      for (const { contact } of ring) geometry.offer(contact, 0, true);
      geometry.onNamed([...ring.map(({ contact }) => contact.id), ring[0]!.contact.id], () => false);
      if (ring.length === 1) geometry.alone();
    }
  }

  /** Members: nodes that live and have taken over a list. */
  members(): ModelNode[] {
    return this.nodes.filter((node) => node.isAlive && isMember(node));
  }

  /** Every step that is possible now. `hear` only if asked: it is the least telling and there are many. */
  steps(mayFail: boolean, withHearsay: boolean): Step[] {
    const steps: Step[] = [];
    this.nodes.forEach((self, node) => {
      if (!self.isAlive) return;
      if (!isMember(self))
        for (const other of this.#answerers(node)) steps.push({ kind: 'lookup', node, other });
      if (!self.isIn) return;
      if (mayFail && this.#mayLose(self)) steps.push({ kind: 'fail', node, other: node });
      for (const other of this.#asked(node)) steps.push({ kind: 'ask', node, other });
      for (const { key } of self.geometry.contacts()) {
        const other = this.#byKey.get(key)!;
        if (!this.nodes[other]!.isAlive) steps.push({ kind: 'notice', node, other });
      }
      if (!withHearsay) return;
      this.nodes.forEach(({ isIn, contact }, other) => {
        if (isIn && other !== node && self.geometry.wants(contact.id))
          steps.push({ kind: 'hear', node, other });
      });
    });
    return steps;
  }

  /** Takes a step; false, and nothing changed, when it is not possible now. */
  take({ kind, node, other }: Step): boolean {
    const self = this.nodes[node]!;
    const peer = this.nodes[other]!;
    if (!self.isAlive) return false;
    if (kind === 'lookup') return this.#lookup(self, node, other);
    if (kind === 'fail') {
      self.isAlive = false;
      this.failures++;
    } else if (kind === 'hear') {
      hear(self, peer.contact);
    } else if (!peer.isAlive) {
      self.gone.add(peer.contact.key);
      return self.geometry.remove(peer.contact.key, 0) !== undefined;
    } else if (kind === 'ask') {
      this.#ask(self, peer);
    } else {
      return false;
    }
    return true;
  }

  /** What is wrong now, as sentences; notes who is a principal. */
  judge(): string[] {
    const members = this.members();
    const shown = this.nodes.filter(({ isAlive, isIn }) => isAlive && isIn).map(memberOf);
    const before = members.filter(({ wasPrincipal }) => wasPrincipal);
    const wanted = Math.min(this.options.successors + 1, before.length);
    const { principals, faults } = judgeRing(shown, wanted);
    const demoted = before.filter(({ contact }) => !principals.has(contact.key));
    for (const node of members) node.wasPrincipal ||= principals.has(node.contact.key);
    return [
      ...faults,
      ...demoted.map(
        ({ contact }) => `node ${this.#byKey.get(contact.key)} is passed over by a list since this step`,
      ),
    ];
  }

  /** Lets everybody look after the ring until nothing changes any more. False when the lists are not right by then. */
  settle(): boolean {
    for (let round = 0; round < ROUNDS_MAX; round++) {
      const before = this.key();
      for (const step of this.steps(false, true)) this.take(step);
      if (this.key() === before) break;
    }
    this.failures = 0;
    return this.isIdeal();
  }

  /** Every list holds the next members, as many as wanted or everybody. */
  isIdeal(): boolean {
    const members = this.members();
    return members.every((self) => {
      const at = members.indexOf(self);
      const next = [...members.slice(at + 1), ...members.slice(0, at)];
      const { list } = memberOf(self);
      return next.slice(0, this.options.successors).every(({ contact }, i) => {
        return list[i] !== undefined && sameId(list[i], contact.id);
      });
    });
  }

  /** Two worlds with the same key behave alike. */
  key(): string {
    return this.nodes
      .map(({ geometry, isAlive, isIn, wasPrincipal, gone }) => {
        if (!isIn && isAlive) return 'out';
        const flag = `${wasPrincipal ? 'p' : ''}${geometry.certain.isClosed ? 'w' : ''}`;
        if (!isAlive) return 'gone';
        const ends = `${geometry.stretch.from[0]}-${geometry.stretch.upTo[0]}`;
        const graves = [...gone].map((key) => this.#byKey.get(key)!).sort((a, b) => a - b);
        return `${flag}${ends}-${graves.join('+')}:${[...geometry.contacts()].map(({ id }) => id[0]).join(',')}`;
      })
      .join(' ');
  }

  /** The protocol is for rings that keep r + 1 members that nobody passes over. */
  #mayLose(node: ModelNode): boolean {
    const base = this.members().filter(({ wasPrincipal }) => wasPrincipal).length;
    return !node.wasPrincipal || base > this.options.successors + 1;
  }

  /** Whoever takes the id of a node for its own to answer for may answer its lookup. */
  #answerers(node: number): number[] {
    const { id } = this.nodes[node]!.contact;
    return this.nodes.flatMap(({ geometry, isAlive, isIn, contact }, other) => {
      if (other === node || !isAlive || !isIn) return [];
      const [first] = geometry.closest(id, 2, true).filter((holder) => !sameId(holder, id));
      return first !== undefined && sameId(first, contact.id) ? [other] : [];
    });
  }

  /** Whom a node stabilizes with: the nearest two in each direction, and the farthest on its lists. */
  #asked(node: number): number[] {
    const { geometry, contact } = this.nodes[node]!;
    const { ids } = geometry.certain;
    const all = [...geometry.contacts()].map(({ id }) => id);
    const own = ids.findIndex((id) => sameId(id, contact.id));
    const asked = [all[0], all.at(-1), all[1], all.at(-2), ids.at(-1), ids[0], ids[own + 1]];
    const others = asked.flatMap((id) => (id === undefined || sameId(id, contact.id) ? [] : [id]));
    return [...new Set(others.map((id) => this.#byKey.get(mapKey(id))!))];
  }

  /** The first answer tells a joiner of others; one that comes when it knows them makes it a member. */
  #lookup(self: ModelNode, node: number, other: number): boolean {
    if (isMember(self) || !this.#answerers(node).includes(other)) return false;
    const { geometry } = this.nodes[other]!;
    const ids = geometry.answer(self.contact.id, 8, true);
    geometry.offer(self.contact, 0, false);
    this.#rules.join(self.geometry, ids, (key) => self.gone.has(key));
    for (const id of ids) hear(self, this.#contact(id));
    self.isIn = true;
    return true;
  }

  #ask(self: ModelNode, peer: ModelNode): void {
    peer.geometry.offer(self.contact, 0, true);
    self.geometry.offer(peer.contact, 0, true);
    if (!isMember(peer)) return;
    const chain = peer.geometry.certain;
    this.#rules.reconcile(self.geometry, chain, (key) => self.gone.has(key));
    for (const id of chain.ids) hear(self, this.#contact(id));
  }

  #contact(id: NodeId): Contact {
    return this.nodes[this.#byKey.get(mapKey(id))!]!.contact;
  }
}

/** Learns of a node from others. */
function hear({ geometry, gone }: ModelNode, contact: Contact): void {
  if (!gone.has(contact.key)) geometry.offer(contact, 0, false);
}

/** A member's list as the checker sees it. */
function memberOf(node: ModelNode): RingMember {
  const { geometry } = node;
  const { ids, isClosed } = geometry.certain;
  const isJoining = !isMember(node);
  const heard = [...geometry.contacts()].map(({ id }) => id);
  const own = ids.findIndex((id) => sameId(id, geometry.self));
  return {
    id: geometry.self,
    list: isJoining ? heard : ids.slice(own + 1),
    before: ids.slice(0, own),
    isWhole: isClosed,
    isJoining,
  };
}

function isMember({ geometry }: ModelNode): boolean {
  const { certain, stretch } = geometry;
  return certain.isClosed || !sameId(stretch.upTo, geometry.self) || !sameId(stretch.from, geometry.self);
}

function contactOf(id: NodeId): Contact {
  return {
    id,
    key: mapKey(id),
    geometry: 'chord',
    sequence: 1,
    signingKey: NO_BYTES,
    sealingKey: NO_BYTES,
    record: NO_BYTES,
  };
}

const NO_BYTES = new Uint8Array(0);
/** A ring of a dozen nodes that is not whole by then does not become so. */
const ROUNDS_MAX = 100;
