/** What of the project decides where a message goes: the protocol machine and the driver that runs it. See bundles.ts. */

export { createConfig } from '../core/config.ts';
export { OverlayNode } from '../core/overlay-node.ts';
export { NodeDriver } from '../driver/node-driver.ts';
