/** How a ring's table is judged and told in words. Pure. */

import type { ContactView, FingerView, Id, RingView } from '../../session/api.ts';
import type { TablePart } from '../model/gaps.ts';

/** A list with as many nodes as wanted lacks nobody. */
export function listPart(list: readonly ContactView[], { listSize, gap }: RingView): TablePart {
  return { full: list.length >= listSize, gap };
}

/** A finger has room for one node, and is never full: a nearer one may come between. */
export function fingerPart({ gap }: FingerView): TablePart {
  return { full: false, gap };
}

/** Everything that can have a gap: both lists count as one, because the node itself does not tell them apart. */
export function tableParts(ring: RingView): readonly TablePart[] {
  return [{ full: false, gap: ring.gap }, ...ring.fingers.map(fingerPart)];
}

/** When the lists were last compared with the successor's; `ago` is that in words, if it ever was. */
export function stabilizedText({ successors, stabilizing }: RingView, ago: string | undefined): string {
  if (successors.length === 0) return 'nobody to compare with';
  const last = ago === undefined ? 'never yet' : ago === 'now' ? 'just now' : `${ago} ago`;
  return stabilizing ? `${last}; waiting for the successor` : last;
}

/** Neighbouring fingers that lead to one node, or to nobody, for the same reason: one line of the table. */
export interface FingerGroup {
  /** The shortest first. */
  readonly fingers: readonly [FingerView, ...FingerView[]];
  readonly contact: Id | undefined;
}

/** Fingers in their order, those together that lead to one node. */
export function groupFingers(fingers: readonly FingerView[]): readonly FingerGroup[] {
  const groups: FingerGroup[] = [];
  for (const finger of fingers) {
    const last = groups.at(-1);
    if (last !== undefined && last.contact === finger.contact?.id && last.fingers[0].gap === finger.gap)
      groups[groups.length - 1] = { ...last, fingers: [...last.fingers, finger] };
    else groups.push({ fingers: [finger], contact: finger.contact?.id });
  }
  return groups;
}
