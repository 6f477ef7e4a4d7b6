/** What the session needs of a signaling connection: the WebSocket client in a page, a hub in memory in tests. */

import type { SignalingClient } from './webrtc/signaling-client.ts';

/** A connection to the signaling server that comes and goes by itself. `start` begins, `close` ends it for good. */
export type Signaling = Pick<
  SignalingClient,
  'state' | 'problem' | 'networkGeometry' | 'on' | 'start' | 'close' | 'signal' | 'introduce' | 'reconnectNow'
>;
