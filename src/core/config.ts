/**
 * Every number the node works by, with its unit and its reason. `createConfig` fills in what the caller left out.
 * Two profiles: `browser` is what ships; `reference` links to every contact without a cap, as the literature does.
 */

export interface OverlayConfig {
  /** Contacts in a bucket (Kademlia's k as a table size). */
  readonly bucketSize: number;
  /** Nodes that a node of a ring knows in each direction: the length of Chord's successor list (r). */
  readonly successors: number;
  /** Candidates kept beside a full bucket. */
  readonly replacementsMax: number;
  /** Nearest contacts a node wants links to, after one link for each non-empty bucket. */
  readonly siblings: number;
  /** Links a node tries to have. */
  readonly linksWanted: number;
  /** Links a node never exceeds, dialled and accepted together. */
  readonly linksMax: number;
  /** True links to every contact, whatever the caps say: the `reference` profile. */
  readonly linkEveryContact: boolean;
  /** False forbids new links and new contacts from `freeze` on; simulations of unrepaired views use it. */
  readonly repair: boolean;

  /** Unfinished handshakes, in each direction. A browser spends 40-75 ms of CPU on each. */
  readonly handshakesMax: number;
  readonly handshakeTimeoutMs: number;
  /** Dials: sustained rate and burst. Chromium counts closed connections until they are collected. */
  readonly dialsPerSecond: number;
  readonly dialBurst: number;

  /** Bytes of one frame on a channel, header included. */
  readonly frameBytesMax: number;
  /** Encoded payload of one message: 64 KiB of bytes or text, and the few bytes that say what they are. */
  readonly payloadBytesMax: number;
  readonly fragmentsMax: number;
  /** Hops of a message; also at most 4·log2 of the estimated network, but never under 16. */
  readonly hopLimit: number;
  /** Copies one message may cost in all. */
  readonly transmissionsMax: number;
  /** False: one copy that is never tried again, without progress marks or sidesteps; for comparison with systems that work so. */
  readonly failover: boolean;
  /** Progress marks are collected this long, so that an answer that is quicker makes them needless. */
  readonly progressDelayMs: number;
  /** Bounds of the time a hop waits for a sign that its copy went on. */
  readonly progressTimeoutMsMin: number;
  readonly progressTimeoutMsMax: number;
  /** Ways that one message may be sent over at once. */
  readonly routesMax: number;
  /** How long an origin waits for the answer to a message that went on before it tries another way as well. */
  readonly answerPatienceMs: number;
  /** Ids in the visited list of a message. */
  readonly visitedMax: number;
  readonly messageLifeMs: number;
  readonly messageLifeMsMax: number;
  /** Message ids remembered against duplicates. */
  readonly seenMax: number;
  /** Messages whose way back is remembered. */
  readonly trailsMax: number;
  /** Bytes of forwarded frames kept for a second try. */
  readonly trailBytesMax: number;
  /** Unfinished reassemblies. */
  readonly reassembliesMax: number;
  /** How long a passing request waits for the application's handler. */
  readonly holdMs: number;
  /** One in this many forwarded messages has its signature checked at the hop. */
  readonly sampleOneIn: number;

  /** Messages queued on one link while it is congested or without credit. */
  readonly queueMax: number;
  /** What a receiver grants: messages and bytes a second, and as a burst. */
  readonly creditMessages: number;
  readonly creditBytes: number;
  /** Malformed frames a minute before the link is hung up. */
  readonly malformedPerMinuteMax: number;

  readonly heartbeatMs: number;
  readonly heartbeatTimeoutMsMin: number;
  readonly heartbeatTimeoutMsMax: number;
  readonly suspectMisses: number;
  readonly dropAfterMs: number;

  /** Peers lists go out this long after a change, and this often without one. */
  readonly gossipDelayMs: number;
  readonly gossipIntervalMs: number;
  /** A bucket not used for this long is refreshed by a lookup. */
  readonly refreshMs: number;
  /** A contact nobody vouched for in this long is pinged through the overlay. */
  readonly contactStaleMs: number;
  /** Time between introductions taken from the server by a node that has links. */
  readonly introduceMs: number;
  /** Contacts in a lookup's answer. */
  readonly lookupCount: number;
  readonly lookupTimeoutMs: number;

  /** Leading zero bits of the work that strangers do before this node links to them or keeps their records; 0 asks for none. */
  readonly admissionBits: number;
  /** Most that this node works out for others: 18 bits are 262,144 hashes on average; admission/README.md has rates. */
  readonly admissionBitsMax: number;
}

/** The shipped limits. */
export const BROWSER: OverlayConfig = {
  bucketSize: 8,
  successors: 16,
  replacementsMax: 8,
  siblings: 8,
  linksWanted: 24,
  linksMax: 48,
  linkEveryContact: false,
  repair: true,

  handshakesMax: 8,
  handshakeTimeoutMs: 10_000,
  dialsPerSecond: 2,
  dialBurst: 16,

  frameBytesMax: 16 * 1024,
  payloadBytesMax: 64 * 1024 + 16,
  fragmentsMax: 6,
  hopLimit: 20,
  transmissionsMax: 64,
  failover: true,
  progressDelayMs: 15,
  progressTimeoutMsMin: 250,
  progressTimeoutMsMax: 2_000,
  answerPatienceMs: 2_000,
  routesMax: 4,
  visitedMax: 32,
  messageLifeMs: 10_000,
  messageLifeMsMax: 60_000,
  seenMax: 65_536,
  trailsMax: 16_384,
  trailBytesMax: 8 * 1024 * 1024,
  reassembliesMax: 64,
  holdMs: 1_000,
  sampleOneIn: 32,

  queueMax: 256,
  creditMessages: 500,
  creditBytes: 2 * 1024 * 1024,
  malformedPerMinuteMax: 10,

  heartbeatMs: 2_000,
  heartbeatTimeoutMsMin: 250,
  heartbeatTimeoutMsMax: 2_000,
  suspectMisses: 3,
  dropAfterMs: 10_000,

  gossipDelayMs: 100,
  gossipIntervalMs: 20_000,
  refreshMs: 10 * 60_000,
  contactStaleMs: 60_000,
  introduceMs: 60_000,
  lookupCount: 8,
  lookupTimeoutMs: 3_000,

  admissionBits: 0,
  admissionBitsMax: 18,
};

/** As the literature has it: links = contacts, no cap. For measurements; no browser could hold it at 1,000 nodes. */
export const REFERENCE: OverlayConfig = {
  ...BROWSER,
  linksWanted: 4_096,
  linksMax: 4_096,
  linkEveryContact: true,
  handshakesMax: 4_096,
  dialsPerSecond: 4_096,
  dialBurst: 4_096,
};

/**
 * The shipped limits, or those of another profile, with the caller's own over them. `linksMax` alone also sets what depends
 * on it. The shipped ones go by name, so that nobody loads the others without need.
 */
export function createConfig(
  profile: 'browser' | OverlayConfig,
  changes: Partial<OverlayConfig> = {},
): OverlayConfig {
  const base = profile === 'browser' ? BROWSER : profile;
  const config = { ...base, ...changes };
  if (changes.bucketSize !== undefined && changes.lookupCount === undefined) {
    return withLinks(
      { ...config, lookupCount: Math.max(base.lookupCount, Math.min(20, changes.bucketSize)) },
      changes,
    );
  }
  return withLinks(config, changes);
}

/** Wanting half of the cap leaves the other half for those who want us. */
function withLinks(config: OverlayConfig, changes: Partial<OverlayConfig>): OverlayConfig {
  if (changes.linksMax === undefined || changes.linksWanted !== undefined) return config;
  return { ...config, linksWanted: Math.max(1, Math.ceil(config.linksMax / 2)) };
}
