export { filesNamedBy } from './filesNamedBy.js';
export { composeNeeds, type ComposeNeeds } from './composeNeeds.js';
export { normaliseCompose } from './normaliseCompose.js';
export { pinImages, pinnedReferences } from './pinImages.js';
export { composeSourceBytes, parseComposeSource, plainPath, type ComposeSource, type TakenSource } from './source.js';
export type { ComponentSource } from './waybillBlock.js';
