/** Watches what hostile nodes bring about: lies that senders believed, and honest answers that they did not. */

import { sameId } from '../../core/id/node-id.ts';
import { readAnswer } from '../../core/wire/answer.ts';
import {
  frameBody,
  framePublicKey,
  frameSignature,
  FRAME_KINDS,
  messageHex,
  readFrame,
  signedBytes,
} from '../../core/wire/frame.ts';
import type { Finding } from '../checkers/finding.ts';
import { quickHash } from '../crypto.ts';
import { percentDown } from '../figures.ts';
import { NOBODY, type Account } from '../scenarios/account.ts';
import type { ResultValue } from '../scenarios/scenario.ts';
import type { Traffic } from '../scenarios/traffic.ts';
import type { SimNode } from '../sim-node.ts';
import type { Simulation } from '../simulator.ts';
import type { Cast } from './cast.ts';

export class Witness {
  readonly #simulation: Simulation;
  readonly #cast: Cast;
  readonly #traffic: Traffic;

  constructor(simulation: Simulation, cast: Cast, traffic: Traffic) {
    this.#simulation = simulation;
    this.#cast = cast;
    this.#traffic = traffic;
    traffic.trustOnly((node) => !cast.isHostile(node));
    const before = simulation.onFrame;
    simulation.onFrame = (node, link, bytes) => {
      before?.(node, link, bytes);
      if (bytes[1] === FRAME_KINDS.answer) this.#onAnswer(node, bytes);
    };
  }

  numbers(): Record<string, ResultValue> {
    const { accounts, alteredAccepted } = this.#traffic;
    const answered = accounts.filter(({ wasAnswered }) => wasAnswered).length;
    const refused = accounts.filter(isRefused).length;
    const accepted = accounts.filter(({ acceptedBy, kind }) => kind === 'closest' && acceptedBy !== NOBODY);
    const wrong = accounts.filter((account) => account.isWrongNearest && !this.#isForged(account)).length;
    return {
      hostileNodes: this.#cast.size,
      forgedAccepted: this.#forged().length,
      alteredAccepted,
      wrongNearestAccepted: wrong,
      wrongNearestPercent: percentDown(wrong, accepted.length),
      honestAnswers: answered,
      honestRefused: refused,
      honestRefusedPercent: percentDown(refused, answered),
    };
  }

  /** Forged receipts and altered bodies must never be accepted. */
  findings(): Finding[] {
    const at = this.#simulation.now;
    const findings = this.#forged().map((account): Finding => {
      const number = this.#traffic.accounts.indexOf(account);
      return { family: 'safety', at, sentence: `the sender of message ${number} accepted a forged receipt` };
    });
    if (this.#traffic.alteredAccepted > 0) {
      const sentence = `${this.#traffic.alteredAccepted} altered bodies were accepted`;
      findings.push({ family: 'safety', at, sentence });
    }
    return findings.slice(0, FINDINGS_MAX);
  }

  #forged(): Account[] {
    return this.#traffic.accounts.filter((account) => this.#isForged(account));
  }

  /** Accepted, but the node it names neither handled the message nor lies about itself. */
  #isForged({ acceptedBy, handlers }: Account): boolean {
    if (acceptedBy === NOBODY || handlers.includes(acceptedBy)) return false;
    const by = this.#simulation.nodes[acceptedBy];
    return by === undefined || !this.#cast.isHostile(by);
  }

  /** An answer on its last hop: is it the right node's own? */
  #onAnswer(node: SimNode, bytes: Uint8Array): void {
    const frame = readFrame(bytes, 255, 255);
    if (typeof frame === 'string' || frame.service !== 'app' || !sameId(frame.target, node.id)) return;
    const account = this.#traffic.accountOf(messageHex(frame.message));
    if (account === undefined || account.sender !== node || account.settledAt >= 0) return;
    const { id } = account.receiver;
    if (!sameId(frame.origin, id) || !sameId(framePublicKey(frame), id) || frame.fragments !== 1) return;
    const body = frameBody(frame);
    if (readAnswer(body)?.code !== 'ok') return;
    const signature = frameSignature(frame);
    const signed = { publicKey: id, bytes: signedBytes(bytes, quickHash(body)), signature };
    if (this.#simulation.crypto.verify(signed)) account.wasAnswered = true;
  }
}

/** The right node's answer was there, and the sender took another one or none. */
function isRefused({ wasAnswered, acceptedBy, receiver }: Account): boolean {
  return wasAnswered && acceptedBy !== receiver.index;
}

const FINDINGS_MAX = 10;
