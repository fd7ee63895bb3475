export * from './hostileBombs.js';
export * from './hostileCases.js';
export type { HostileCase, PackageBytes } from './soundPackage.js';
export * from './readHostile.js';
export * from '../depth.js';
export * from '../editedMetadata.js';
