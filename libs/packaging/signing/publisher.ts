import type { Envelope } from './envelope.js';
import { rootChain, signRoot, type RootChain } from './rootChain.js';
import type { SigningKey } from './signingKey.js';

/** Who signs here: its roots as they travel, the first one first, and a key of the newest. */
export interface Publisher {
  readonly chain: RootChain;
  readonly roots: readonly Envelope[];
  readonly key: SigningKey;
}

/** A publisher that begins now, with one key. Name and key make the first root, so beginning twice is beginning once. */
export function newPublisher(publisher: string, key: SigningKey): Publisher {
  const root = { schema: 1, publisher, version: 1, threshold: 1, keys: [key.publicKey.line], revoked: [] } as const;
  const roots = [signRoot(root, [key])];
  return { chain: rootChain(roots), roots, key };
}
