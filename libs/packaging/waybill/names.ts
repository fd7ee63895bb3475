import { hexOf, type Digest } from '@waybill/kernel';

/** The files of a package, in the order in which they stand. Roots, documents and small blobs come after these, layers last. */
export const DESCRIPTION = 'waybill.json';
export const SSH_SIGNATURE = 'waybill.json.sig';
export const ENVELOPE = 'waybill.dsse.json';
export const CHECKSUMS = 'SHA256SUMS';
export const OCI_LAYOUT = 'oci-layout';
export const OCI_INDEX = 'index.json';
export const DOCKER_MANIFEST = 'manifest.json';

export const rootName = (version: number): string => `publisher/${version}.root.json`;
export const documentName = (digest: Digest): string => `documents/${hexOf(digest)}`;
export const blobName = (digest: Digest): string => `blobs/sha256/${hexOf(digest)}`;
