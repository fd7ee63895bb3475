export * from './commandContext.js';
export * from './event.js';
export * from './eventStore.js';
export * from './decider.js';
export * from './eventDigest.js';
export * from './eventMetadata.js';
export * from './handle.js';
export { answers, answerDocumentNamedBy, type Answers, type GivenAnswer, type KeptAnswer } from './answers.js';
export { dryRunStore, workingOn } from './dryRun.js';
export * from './readStream.js';
export * from './stateOf.js';
export * from './serde.js';
export { checkedAppend, type CheckedEvent } from './checkedAppend.js';
export { openSqliteEventStore, type SqliteEventStoreOptions } from './sqlite/sqliteEventStore.js';
export { openEventStoreDb, type EventStoreDbOptions } from './eventstoredb/eventStoreDb.js';
export type { Timeouts } from './eventstoredb/persistence.js';
export { storeAddress, type StoreAddress } from './eventstoredb/connectionString.js';
export type { SubscriptionDrop, SubscriptionLag, SubscriptionReports } from './eventstoredb/subscribeToLog.js';
export { openSqlDatabase, type SqlDatabase, type SqlDatabaseOptions, type SqlValue } from './sqlite/sqlDatabase.js';
export { copyLog, type CopiedLog, type CopyOptions, type CopyProgress } from './copy/copyLog.js';
export { verifyCopy, type VerifiedCopy, type VerifyOptions } from './copy/verifyCopy.js';
export { documentStream } from './documentPieces.js';
export { documents, type Documents, type NamedDocument } from './documents.js';
export type { Projection, ProjectionStatus } from './projections/projection.js';
export type { RebuildProgress } from './projections/rebuiltFile.js';
export { readModels, type ReadModels, type ReadModelsOptions } from './projections/readModels.js';
export type { Claim, ClaimOptions, Claims, Sleep } from './claims/claim.js';
export { claims } from './claims/claims.js';
export { localCopyProjection } from './away/localCopy.js';
export { readsWhileAway } from './away/readsWhileAway.js';
export {
  alwaysInContact,
  storeContact,
  type Absence,
  type StoreContact,
  type StoreContactOptions,
} from './away/storeContact.js';
