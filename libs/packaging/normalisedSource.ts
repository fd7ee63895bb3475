import type { Digest } from '@waybill/kernel';
import type { Manifest } from './manifest.js';
import type { Notice } from './package.js';

/** What a source says, in the form that all formats share. */
export interface NormalisedSource {
  readonly manifest: Manifest;
  /** Documents that the manifest refers to by digest. */
  readonly documents: ReadonlyMap<Digest, Uint8Array>;
  /** Sorted by subject, code, message; the codes are in docs/formats.md. */
  readonly notices: readonly Notice[];
}
