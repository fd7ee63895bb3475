export { isWhole, partsBeside, type FoundPart } from './partsBeside.js';
export { partHasher, type PartHasher } from './partHasher.js';
export {
  indexName,
  isIndexName,
  isIndexOf,
  LEAST_PART,
  MAX_INDEX,
  MOST_PARTS,
  namedPart,
  parsePartsIndex,
  partCount,
  partName,
  partableName,
  partsIndexBytes,
  partsOf,
  type Part,
  type PartsIndex,
} from './partsIndex.js';
