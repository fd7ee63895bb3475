import { WaybillError } from '@waybill/kernel';

export const damaged = (file: string, entry: string, cause?: unknown): WaybillError =>
  new WaybillError(
    'package-damaged',
    { file, reason: `${entry} is not the file that SHA256SUMS lists.`, entry },
    { cause },
  );

export const unlisted = (entry: string): WaybillError =>
  new WaybillError('package-entry-refused', { entry, reason: 'no image of the package has this layer.' });
