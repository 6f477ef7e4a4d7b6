/** Which sentences stand above the panels, from the settings in the address and the node's state. Pure. */

import type { Snapshot } from '../../session/api.ts';
import type { SettingProblem } from '../settings/url-settings.ts';
import { countLinks } from '../model/peers.ts';

export interface Notice {
  /** Stable name; also what a dismissal is remembered by. */
  readonly code: string;
  readonly tone: 'info' | 'wait' | 'bad';
  readonly text: string;
  readonly dismissible: boolean;
}

/** The notices for what is known now, most pressing first. */
export function noticesOf(
  snapshot: Snapshot | undefined,
  address: { readonly problems: readonly SettingProblem[]; readonly askedForMemory: boolean },
): readonly Notice[] {
  const settings = address.problems.map((problem): Notice => ({
    code: `setting-${problem.name}`,
    tone: 'wait',
    text: `Setting in the address: ${problem.sentence}`,
    dismissible: true,
  }));
  if (snapshot === undefined) return settings;
  return [
    ...signalingNotice(snapshot),
    ...stateNotice(snapshot),
    ...workNotice(snapshot),
    ...settings,
    ...identityNotice(snapshot, address.askedForMemory),
  ];
}

/** The session says what happened; the page adds what it means for this tab. */
function signalingNotice(snapshot: Snapshot): readonly Notice[] {
  if (snapshot.state === 'left') return [];
  const linked = countLinks(snapshot) > 0;
  const base = { code: `signaling-${snapshot.signaling}`, dismissible: false } as const;
  if (snapshot.signaling === 'refused') {
    const what = snapshot.signalingProblem ?? 'The signaling server refused this tab.';
    const then = linked ? 'The links you have keep working.' : 'Without it this tab finds nobody.';
    const { networkGeometry: network } = snapshot;
    const way = network === undefined ? '' : ` To join the others, set geometry=${network} in the address.`;
    return [{ ...base, tone: 'bad', text: `${what} ${then}${way}` }];
  }
  if (snapshot.signaling !== 'offline') return [];
  const what = snapshot.signalingProblem ?? 'The signaling server cannot be reached. Trying again.';
  if (linked) {
    const then = 'The overlay keeps running; newcomers cannot join until the server is back.';
    return [{ ...base, tone: 'wait', text: `${what} ${then}` }];
  }
  const then = `Until ${snapshot.signalingUrl} answers, this tab cannot find others. Is the server running?`;
  return [{ ...base, tone: 'bad', text: `${what} ${then}` }];
}

function stateNotice(snapshot: Snapshot): readonly Notice[] {
  if (snapshot.problem !== undefined) {
    return [{ code: 'stopped', tone: 'bad', text: snapshot.problem, dismissible: false }];
  }
  if (snapshot.state === 'left') {
    const text = 'This tab left the network. Reload the page to join again.';
    return [{ code: 'left', tone: 'info', text, dismissible: false }];
  }
  if (snapshot.state !== 'cut-off') return [];
  const text =
    'All links are lost. This tab looks for a way back by itself; check the network if it takes long.';
  return [{ code: 'cut-off', tone: 'bad', text, dismissible: false }];
}

function workNotice({ work }: Snapshot): readonly Notice[] {
  if (work === undefined) return [];
  const isHard = work === 'too-hard';
  const text = isHard
    ? 'Other tabs ask for more proof of work than this one does for anybody, so they do not let it in or keep its records.'
    : 'Other tabs ask for proof of work before they let this one in or keep its records. It is being worked out.';
  return [{ code: `work-${work}`, tone: isHard ? 'bad' : 'wait', text, dismissible: isHard }];
}

/** An identity that the address asked not to keep needs no sentence. */
function identityNotice(snapshot: Snapshot, askedForMemory: boolean): readonly Notice[] {
  if (snapshot.identity.kept || askedForMemory) return [];
  const text = snapshot.identity.problem ?? 'This tab’s id is not kept: it gets a new one with every reload.';
  return [{ code: 'identity-not-kept', tone: 'info', text, dismissible: true }];
}
