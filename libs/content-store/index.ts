export * from './contentStore.js';
export { gunzip } from './gunzip.js';
export { gzipMembers } from './gzipMembers.js';
export { openContentStore } from './openContentStore.js';
