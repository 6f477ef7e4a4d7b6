/** The part of npm's `k-bucket` that the benchmark compares with; the package has no types of its own. */
declare module 'k-bucket' {
  interface KBucketContact {
    readonly id: Uint8Array;
  }
  export default class KBucket {
    constructor(options: { localNodeId: Uint8Array; numberOfNodesPerKBucket: number });
    add(contact: KBucketContact): this;
    count(): number;
    closest(id: Uint8Array, count: number): KBucketContact[];
    toArray(): KBucketContact[];
  }
}
