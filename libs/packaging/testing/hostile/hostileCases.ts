import { hostileBombs } from './hostileBombs.js';
import { hostileContents } from './hostileContents.js';
import { hostileEntries } from './hostileEntries.js';
import { hostileFiles } from './hostileFiles.js';
import { hostileHeaders } from './hostileHeaders.js';
import { hostileImages } from './hostileImages.js';
import { hostileJson } from './hostileJson.js';
import { hostileLinks } from './hostileLinks.js';
import { hostileNames } from './hostileNames.js';
import { hostileSizes } from './hostileSizes.js';
import { hostileZips } from './hostileZips.js';
import { lyingImages } from './lyingImages.js';
import type { HostileCase } from './soundPackage.js';

/** Every package of the table that can be made in a moment. */
export const hostileCases: readonly HostileCase[] = [
  ...hostileFiles,
  ...hostileContents,
  ...hostileEntries,
  ...hostileNames,
  ...hostileLinks,
  ...hostileHeaders,
  ...hostileJson,
  ...hostileImages,
  ...lyingImages,
  ...hostileSizes,
  ...hostileBombs,
  ...hostileZips,
];
