import type { ErrorCode } from '@waybill/kernel';

/** How reading what somebody wrote may end, whether it is published or imported. */
export const publishProblems: readonly ErrorCode[] = [
  'upload-not-found',
  'upload-incomplete',
  'package-not-found',
  'package-path-refused',
  'package-metadata-invalid',
  'compose-invalid',
  'compose-refused',
  'package-image-missing',
  'package-damaged',
  'package-limit-exceeded',
  'template-invalid',
  'template-key-differs',
  'template-name-differs',
  'invalid-version',
  'invalid-key',
  'version-content-differs',
  'version-spelling-clash',
];
