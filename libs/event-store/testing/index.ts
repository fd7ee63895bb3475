export { deciderSpecification, type DeciderSpecification } from './deciderSpecification.js';
export { someContext, someone, theServer } from './commands.js';
export { manualTime, type ManualTime } from './manualTime.js';
export { temporaryStore, type TemporaryStore } from './temporaryStore.js';
export { eventStoreContract, type EventStoreFactory } from './eventStoreContract.js';
