export { filesNamedBy } from './filesNamedBy.js';
export { composeImages, normaliseCompose, type NormalisedCompose } from './normaliseCompose.js';
export { pinImages } from './pinImages.js';
export { composeSourceBytes, parseComposeSource, plainPath, type ComposeSource } from './source.js';
