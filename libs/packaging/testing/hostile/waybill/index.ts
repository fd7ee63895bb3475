import type { HostileCase } from '../soundPackage.js';
import { lyingDescriptions } from './lyingDescriptions.js';
import { harmlessWaybills, lyingFiles } from './lyingFiles.js';
import { lyingSigners } from './lyingSigners.js';

export { outdatedSigners } from './lyingSigners.js';
export { acme, build as buildSoundWaybill, trustOf } from './shop.js';

/** Packages of the `waybill` format that lie, above all about who made them. */
export const hostileWaybills: readonly HostileCase[] = [
  ...lyingSigners,
  ...lyingDescriptions,
  ...lyingFiles,
  ...harmlessWaybills,
];
