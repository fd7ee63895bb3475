export { readImageArchive } from './image/readImageArchive.js';
export * from './manifest.js';
export * from './manifestDigest.js';
export * from './matchComponents.js';
export * from './package.js';
export type { RamMetadata } from './ram/metadata.js';
export { normaliseRam, type NormalisedRam } from './ram/normaliseRam.js';
export { parseRamMetadata } from './ram/parseRamMetadata.js';
export { readRamPackage } from './ram/readRamPackage.js';
