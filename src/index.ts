/** The public entry of the library: `import { openOverlay } from 'hopline'`. The only file that re-exports. */

export { openOverlay } from './session/open-overlay.ts';
export { reasonText } from './session/reasons.ts';
export { storeReasonText } from './session/store-reasons.ts';
export { TraceBuffer } from './session/trace-buffer.ts';
export type {
  BroadcastOptions,
  BucketView,
  ContactView,
  CountersView,
  EventHandler,
  EventOptions,
  FingerView,
  FromGroup,
  GapName,
  GeometryName,
  GroupOptions,
  Id,
  Key,
  Kind,
  LinkView,
  LookupResult,
  Message,
  MessageHandler,
  Overlay,
  OverlayEvent,
  OverlayOptions,
  OverlayState,
  Payload,
  PlainData,
  ReasonCode,
  Receipt,
  Reply,
  RequestTarget,
  RetryReason,
  RingView,
  SendOptions,
  Service,
  SignalingState,
  Snapshot,
} from './session/api.ts';
export type {
  GetOptions,
  GetResult,
  HeldRecordView,
  LookupStepView,
  PutOptions,
  PutResult,
  RecordStore,
  RecordView,
  Reducer,
  StoreReasonCode,
  WatchHandler,
} from './session/store-api.ts';
export type {
  InsertOptions,
  RingApi,
  RingInsertion,
  RingOutcome,
  RingReasonCode,
  RingValue,
} from './session/ring-api.ts';
