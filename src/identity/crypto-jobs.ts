/** Answers the core's `crypto` outputs with WebCrypto. One function for each job; none of them rejects. */

import type { CryptoRequest, CryptoResult } from '../core/io.ts';
import type { Identity } from './identity.ts';
import { seal, unseal } from './sealing.ts';
import { Verifier } from './verifier.ts';

/** Does what a node asked for and resolves to the answer. */
export type CryptoJobs = (request: CryptoRequest) => Promise<CryptoResult>;

const FAILED: CryptoResult = { type: 'failed' };

/** The crypto powers of one identity. */
export function createCryptoJobs(identity: Identity, verifier: Verifier = new Verifier()): CryptoJobs {
  return async (request) => {
    switch (request.type) {
      case 'sign':
        return identity.sign(request.bytes).then(
          (signature): CryptoResult => ({ type: 'signed', signature }),
          () => FAILED,
        );
      case 'verify':
        return {
          type: 'verified',
          valid: await Promise.all(request.items.map((item) => verifier.verify(item))),
        };
      case 'seal': {
        const bytes = await seal(request.sealingKey, request.bytes);
        return bytes === undefined ? FAILED : { type: 'sealed', bytes };
      }
    }
    const bytes = await unseal(identity, request.bytes);
    return bytes === undefined ? FAILED : { type: 'opened', bytes };
  };
}
