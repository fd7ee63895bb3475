export { filesNamedBy } from './filesNamedBy.js';
export { composeImages, normaliseCompose, type NormalisedCompose } from './normaliseCompose.js';
export { pinImages, pinnedReferences } from './pinImages.js';
export { composeSourceBytes, parseComposeSource, plainPath, type ComposeSource } from './source.js';
