/** Answers the core's `crypto` outputs with WebCrypto. One function for each job; none of them rejects. */

import type { CryptoRequest, CryptoResult, JobId } from '../core/io.ts';
import type { Identity } from './identity.ts';
import { seal, unseal } from './sealing.ts';
import { Verifier } from './verifier.ts';

/** Does what a node asked for under a number and resolves to the answer. */
export type CryptoJobs = (request: CryptoRequest, job: JobId) => Promise<CryptoResult>;

const FAILED: CryptoResult = { type: 'failed' };

/** The crypto powers of one identity. */
export function createCryptoJobs(identity: Identity, verifier: Verifier = new Verifier()): CryptoJobs {
  return async (request, job) => {
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
      case 'work':
      case 'cancel':
        return (await import('./work-search.ts')).work(request, job, identity.id);
      case 'open':
        break;
    }
    const bytes = await unseal(identity, request.bytes);
    return bytes === undefined ? FAILED : { type: 'opened', bytes };
  };
}
