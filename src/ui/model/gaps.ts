/** How complete a bucket is, in words: whether nodes that belong in it may be missing, and why. Pure. */

import type { BucketView } from '../../session/api.ts';
import { plural } from '../format/units.ts';

export interface Completeness {
  /** False when nodes may be missing. */
  readonly complete: boolean;
  readonly word: string;
  /** A sentence: what that means. */
  readonly note: string;
}

const GAPS: Readonly<Record<Exclude<BucketView['gap'], 'none'>, Omit<Completeness, 'complete'>>> = {
  'not-looked-up': {
    word: 'not looked up',
    note: 'Nobody has looked here yet, so nodes may be missing.',
  },
  'contact-lost': {
    word: 'contact lost',
    note: 'A contact went away and its place was not looked up again yet, so a node may be missing.',
  },
};

/** What a bucket's row says. Reasons this page does not know yet are shown as they read. */
export function completenessOf(bucket: BucketView): Completeness {
  if (bucket.full) return { complete: true, word: 'full', note: 'Full: no place for another contact.' };
  if (bucket.gap === 'none') {
    const note = 'Looked up since the last change: nobody who belongs here is missing.';
    return { complete: true, word: 'complete', note };
  }
  const known = GAPS[bucket.gap] as Omit<Completeness, 'complete'> | undefined;
  const word = bucket.gap.replaceAll('-', ' ');
  return { complete: false, ...(known ?? { word, note: 'Nodes may be missing here.' }) };
}

/** The whole table in a few words. */
export function completenessText(buckets: readonly BucketView[]): string {
  const gaps = buckets.filter((bucket) => !completenessOf(bucket).complete).length;
  return gaps === 0 ? 'complete' : plural(gaps, 'gap');
}
