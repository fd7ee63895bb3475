export { amendedSourceBytes, mergedChanges, parseAmendedSource, type AmendedSource, type Amendment } from './source.js';
