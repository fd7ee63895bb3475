import { digestOf, type CanonicalValue, type Digest } from '@waybill/kernel';
import type { Manifest } from '@waybill/packaging';
import type { Surroundings } from '../domain/draft.js';

export { component, env, manifest } from '@waybill/packaging/testing';

export const target = (of: Manifest): { readonly manifest: Manifest; readonly digest: Digest } => ({
  manifest: of,
  digest: digestOf(of as unknown as CanonicalValue),
});

/** Ports from 20000, and secrets that nobody has stored yet. */
export function surroundings(): Surroundings {
  let port = 20_000;
  return {
    freePort: () => port++,
    secretVersion: (name) => ({ version: 1, fingerprint: `print of ${name}`, stored: false }),
    content: () => undefined,
    volumeName: (host, volume) => `wb-${host}-${volume}`,
  };
}
