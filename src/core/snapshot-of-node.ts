/** Builds a node's snapshot. */

import type { NodeContext } from './context.ts';
import type { Membership } from './membership/membership.ts';
import type { GeometrySnapshot, LinkSnapshot, NodeSnapshot } from './snapshot.ts';

export function takeSnapshot(ctx: NodeContext, membership: Membership): NodeSnapshot {
  const { links, join, dialer } = membership;
  const up: LinkSnapshot[] = links.all.map((link) => ({
    link: link.link,
    peer: link.id,
    state: link.suspect ? 'suspect' : 'up',
    outgoing: link.outgoing,
    role: link.role,
    rttMs: link.rttMs,
    startedAt: link.startedAt,
    upAt: link.upAt,
    framesIn: link.framesIn,
    framesOut: link.framesOut,
    bytesIn: link.bytesIn,
    bytesOut: link.bytesOut,
    queued: link.queued,
    peerLinks: link.linked.count,
  }));
  const attempts: LinkSnapshot[] = [...dialer.values()].map((attempt) => ({
    link: attempt.link,
    peer: attempt.peer,
    state: attempt.outgoing ? 'dialling' : 'answering',
    outgoing: attempt.outgoing,
    role: 'none',
    rttMs: undefined,
    startedAt: attempt.startedAt,
    upAt: undefined,
    framesIn: 0,
    framesOut: 0,
    bytesIn: 0,
    bytesOut: 0,
    queued: 0,
    peerLinks: 0,
  }));
  return {
    id: ctx.self.id,
    state: join.state,
    complete: join.complete,
    geometry: shownGeometry(ctx, membership),
    links: [...up, ...attempts],
    counters: { ...ctx.counters },
    networkSizeEstimate: ctx.geometry.sizeEstimate(),
  };
}

/** With nobody else in the network no bucket lacks anybody, though nobody was there to be asked. */
function shownGeometry(ctx: NodeContext, { links, join }: Membership): GeometrySnapshot {
  const shown = ctx.geometry.snapshot((key) => links.ofPeer(key) !== undefined);
  if (join.state !== 'alone') return shown;
  if (shown.geometry === 'chord') return { ...shown, gap: 'none' };
  return { ...shown, buckets: shown.buckets.map((bucket) => ({ ...bucket, gap: 'none' })) };
}
