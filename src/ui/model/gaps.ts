/** How complete a bucket, a list or a finger is, in words: whether nodes that belong in it may be missing, and why. Pure. */

import type { GapName } from '../../session/api.ts';
import { plural } from '../format/units.ts';

export interface Completeness {
  /** False when nodes may be missing. */
  readonly complete: boolean;
  readonly word: string;
  /** A sentence: what that means. */
  readonly note: string;
}

/** A part of the table. */
export interface TablePart {
  readonly full: boolean;
  readonly gap: GapName;
}

const GAPS: Readonly<Record<Exclude<GapName, 'none'>, Omit<Completeness, 'complete'>>> = {
  'not-looked-up': {
    word: 'not looked up',
    note: 'Nobody has looked here yet, so nodes may be missing.',
  },
  'contact-lost': {
    word: 'contact lost',
    note: 'A contact went away and its place was not looked up again yet, so a node may be missing.',
  },
};

/** What the row of a part says. Reasons this page does not know yet are shown as they read. */
export function completenessOf({ full, gap }: TablePart): Completeness {
  if (full) return { complete: true, word: 'full', note: 'Full: no place for another contact.' };
  if (gap === 'none') {
    const note = 'Looked up since the last change: nobody who belongs here is missing.';
    return { complete: true, word: 'complete', note };
  }
  const known = GAPS[gap] as Omit<Completeness, 'complete'> | undefined;
  const word = gap.replaceAll('-', ' ');
  return { complete: false, ...(known ?? { word, note: 'Nodes may be missing here.' }) };
}

/** The whole table in a few words. */
export function completenessText(parts: readonly TablePart[]): string {
  const gaps = parts.filter((part) => !completenessOf(part).complete).length;
  return gaps === 0 ? 'complete' : plural(gaps, 'gap');
}
