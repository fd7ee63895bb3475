export * from './contentStore.js';
export { gunzip, inflateRaw } from './gunzip.js';
export { gzipMembers } from './gzipMembers.js';
export { openContentStore } from './openContentStore.js';
export { hasErrno, syncDirectory, writeAll, writeFileDurably } from './durable.js';
export { hashed, type Hashed } from './hashing.js';
export { sparingWriter, type SparingWriter } from './sparingWriter.js';
