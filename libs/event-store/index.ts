export * from './event.js';
export * from './eventStore.js';
export * from './decider.js';
