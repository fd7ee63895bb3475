import { hexOf, type Digest } from '@waybill/kernel';

/** The files of a package, in the order in which they stand. Roots come before the checksums; source, small blobs and layers at the end. */
export const DESCRIPTION = 'waybill.json';
export const SSH_SIGNATURE = 'waybill.json.sig';
export const ENVELOPE = 'waybill.dsse.json';
export const CHECKSUMS = 'SHA256SUMS';
export const OCI_LAYOUT = 'oci-layout';
export const OCI_INDEX = 'index.json';
export const DOCKER_MANIFEST = 'manifest.json';

export const rootName = (version: number): string => `publisher/${version}.root.json`;
export const sourceName = (digest: Digest): string => `source/${hexOf(digest)}`;
export const blobName = (digest: Digest): string => `blobs/sha256/${hexOf(digest)}`;
