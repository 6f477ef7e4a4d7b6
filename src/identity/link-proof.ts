/**
 * The proof that opens every link: both ends show their contact records and sign, over both nonces, both ids and both
 * DTLS certificate hashes, that this very channel is theirs. Somebody in the middle would have to present a
 * certificate of their own, and the signatures would not match it. Until it is done nothing else is accepted.
 * Does no I/O but `send`, and has no clock: whoever owns the channel gives up on a proof that takes too long. LP1-LP8.
 *
 * hello = 1, version, contact record (134), nonce (32); proof = 2, Ed25519 signature (64).
 */

import { CONTACT_BYTES, contactProof, decodeContact, type Contact } from '../core/wire/contact.ts';
import { sameId, type NodeId } from '../core/id/node-id.ts';
import { concat } from './bytes.ts';
import { idOfKey } from './hash.ts';
import type { Identity } from './identity.ts';
import type { Verifier } from './verifier.ts';

/** Which side of the attempt this end is. The offerer's values come first in what both sign. */
export type LinkRole = 'offerer' | 'answerer';

/** SHA-256 hashes of the DTLS certificates, 32 bytes each. */
export interface CertificateHashes {
  /** Of the certificate this end presents. */
  readonly local: Uint8Array;
  /** Of the certificate that the transport saw the other end use; never read from its description. */
  readonly remote: Uint8Array;
}

/** Why a proof failed. For logs and tests; the core only learns `failed`. */
export type ProofProblem =
  | 'malformed'
  | 'version'
  | 'wrong-id'
  | 'replayed'
  | 'bad-signature'
  | 'overflow'
  | 'crypto';

export interface LinkProofOptions {
  readonly role: LinkRole;
  readonly identity: Identity;
  /** The id that was dialled, or that sent the offer. */
  readonly peer: NodeId;
  readonly verifier: Verifier;
  /** Puts bytes on the channel. */
  readonly send: (bytes: Uint8Array) => void;
  /** Called once at most: the peer's verified record, and the frames that came right behind its proof. */
  readonly onProven: (record: Uint8Array, early: readonly Uint8Array[]) => void;
  /** Called once at most, instead of `onProven`. */
  readonly onFailed: (problem: ProofProblem) => void;
}

/** Frames kept while the peer's signature is being checked. It may send as soon as it has checked ours. */
export const EARLY_FRAMES_MAX = 256;
export const EARLY_BYTES_MAX = 1024 * 1024;

/** One end of one proof. */
export class LinkProof {
  readonly #options: LinkProofOptions;
  readonly #nonce: Uint8Array<ArrayBuffer> = crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
  #certificates: CertificateHashes | undefined;
  #hello: Uint8Array | undefined;
  #remote: { readonly contact: Contact; readonly nonce: Uint8Array } | undefined;
  /** Set when the peer's proof is in: from then on frames are kept. */
  #signature: Uint8Array | undefined;
  #ownProofSent = false;
  #peerProven = false;
  #early: Uint8Array[] = [];
  #earlyBytes = 0;
  #done = false;

  constructor(options: LinkProofOptions) {
    this.#options = options;
  }

  /** The channel is open and both certificates are known: says hello. */
  start(certificates: CertificateHashes): void {
    if (this.#done || this.#certificates !== undefined) return;
    this.#certificates = certificates;
    this.#options.send(concat([HELLO, VERSION], this.#options.identity.record, this.#nonce));
    if (this.#hello !== undefined) this.#onHello(this.#hello);
  }

  /** Takes whatever arrived on the channel. The bytes are kept: do not write to them. */
  receive(bytes: Uint8Array): void {
    if (this.#done) return;
    if (this.#signature !== undefined) this.#keepEarly(bytes);
    else if (this.#remote !== undefined) this.#onProof(bytes);
    else if (this.#hello !== undefined) this.#fail('malformed');
    else {
      this.#hello = bytes;
      if (this.#certificates !== undefined) this.#onHello(bytes);
    }
  }

  /** Forgets everything; no callback comes any more. */
  cancel(): void {
    this.#done = true;
    this.#early = [];
  }

  #onHello(bytes: Uint8Array): void {
    if (bytes.length < 2 || bytes[0] !== HELLO) return this.#fail('malformed');
    if (bytes[1] !== VERSION) return this.#fail('version');
    if (bytes.length !== HELLO_BYTES) return this.#fail('malformed');
    const contact = decodeContact(bytes.subarray(2, 2 + CONTACT_BYTES), { idOfKey });
    if (contact === undefined) return this.#fail('malformed');
    const { peer, identity } = this.#options;
    if (!sameId(contact.id, peer) || sameId(contact.id, identity.id)) return this.#fail('wrong-id');
    const nonce = bytes.slice(2 + CONTACT_BYTES);
    if (sameId(nonce, this.#nonce)) return this.#fail('replayed');
    this.#remote = { contact, nonce };
    identity.sign(this.#transcript(this.#options.role)).then(
      (signature) => {
        if (this.#done) return;
        this.#options.send(concat([PROOF], signature));
        this.#ownProofSent = true;
        this.#finish();
      },
      () => this.#fail('crypto'),
    );
  }

  #onProof(bytes: Uint8Array): void {
    if (bytes.length !== PROOF_BYTES || bytes[0] !== PROOF) return this.#fail('malformed');
    const remote = this.#remote!;
    const { role, verifier } = this.#options;
    this.#signature = bytes.subarray(1);
    const signed = this.#transcript(role === 'offerer' ? 'answerer' : 'offerer');
    const checks = [
      { publicKey: remote.contact.signingKey, bytes: signed, signature: this.#signature },
      contactProof(remote.contact),
    ];
    void Promise.all(checks.map((check) => verifier.verify(check))).then((valid) => {
      if (this.#done) return;
      if (!valid.every(Boolean)) return this.#fail('bad-signature');
      this.#peerProven = true;
      this.#finish();
    });
  }

  #keepEarly(bytes: Uint8Array): void {
    this.#earlyBytes += bytes.length;
    if (this.#early.length >= EARLY_FRAMES_MAX || this.#earlyBytes > EARLY_BYTES_MAX)
      return this.#fail('overflow');
    this.#early.push(bytes);
  }

  #finish(): void {
    if (!this.#ownProofSent || !this.#peerProven) return;
    this.#done = true;
    const early = this.#early;
    this.#early = [];
    this.#options.onProven(this.#remote!.contact.record, early);
  }

  #fail(problem: ProofProblem): void {
    if (this.#done) return;
    this.cancel();
    this.#options.onFailed(problem);
  }

  /** What `signer` signs. The role byte keeps one side's signature from being sent back as the other's. */
  #transcript(signer: LinkRole): Uint8Array {
    const { identity, role } = this.#options;
    const { local, remote } = this.#certificates!;
    const { contact, nonce } = this.#remote!;
    const own = { nonce: this.#nonce, id: identity.id, certificate: local };
    const other = { nonce, id: contact.id, certificate: remote };
    const [first, second] = role === 'offerer' ? [own, other] : [other, own];
    return concat(
      DOMAIN,
      [signer === 'offerer' ? 1 : 2],
      first.nonce,
      second.nonce,
      first.id,
      second.id,
      first.certificate,
      second.certificate,
    );
  }
}

const DOMAIN = new TextEncoder().encode('hopline/link/1');
const VERSION = 1;
const HELLO = 1;
const PROOF = 2;
const NONCE_BYTES = 32;
const HELLO_BYTES = 2 + CONTACT_BYTES + NONCE_BYTES;
const PROOF_BYTES = 65;
