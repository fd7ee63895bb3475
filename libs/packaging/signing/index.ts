export { envelope, openEnvelope, type Envelope, type OpenedEnvelope } from './envelope.js';
export { parsePublicKey, type KeyFingerprint, type PublicKey } from './publicKey.js';
export { newPublisher, type Publisher } from './publisher.js';
export { isEnvelope } from './isEnvelope.js';
export { parseRoots } from './parseRoots.js';
export type { PublisherId, PublisherRoot, RevokedKey } from './publisherRoot.js';
export { newerChain, rootChain, signRoot, type RootChain } from './rootChain.js';
export { openSigningKey, signingKeyFile, signingKeyOf, type SigningKey } from './signingKey.js';
export { PACKAGE_NAMESPACE, sshSignature, sshSigner } from './sshSignature.js';
