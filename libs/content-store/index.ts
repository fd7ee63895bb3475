export * from './contentStore.js';
export { gunzip } from './gunzip.js';
export { openContentStore } from './openContentStore.js';
