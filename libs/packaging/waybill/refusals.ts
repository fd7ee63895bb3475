import { WaybillError } from '@waybill/kernel';
import { CHECKSUMS } from './names.js';

/** The list itself, whose first line says its digest. */
export const damagedChecksums = (file: string): WaybillError =>
  new WaybillError('package-damaged', {
    file,
    reason: `${CHECKSUMS}, which lists the digests of its files, was changed or cut off.`,
    entry: CHECKSUMS,
  });

export const damaged = (file: string, entry: string, cause?: unknown): WaybillError =>
  new WaybillError(
    'package-damaged',
    { file, reason: `${entry} is not the file that SHA256SUMS lists.`, entry },
    { cause },
  );

export const unlisted = (entry: string): WaybillError =>
  new WaybillError('package-entry-refused', { entry, reason: 'no image of the package has this layer.' });
