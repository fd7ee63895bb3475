import { sha256, WaybillError } from '@waybill/kernel';
import type { PackageBytes } from '../file/packageBytes.js';
import type { ReadLimits } from '../package.js';
import type { PackageDescription } from './description.js';
import { metadataFiles, type MetadataFiles } from './metadataFiles.js';
import * as names from './names.js';
import { packageSigner, type PackageSigner } from './packageSigner.js';
import { parseDescription } from './parseDescription.js';
import { scanFiles, type PackedFile } from './scanFiles.js';

/** What a package says of itself, its signatures checked; of its layers nothing was read. */
export interface OpenedWaybill {
  readonly files: ReadonlyMap<string, PackedFile>;
  readonly metadata: MetadataFiles;
  readonly description: PackageDescription;
  readonly signer: PackageSigner;
}

/**
 * @throws WaybillError `package-truncated`, `package-damaged`, `package-entry-refused`, `package-duplicate-entry`, `package-file-missing`,
 * `package-description-invalid`, `package-signature-invalid`, `publisher-root-invalid`, `package-limit-exceeded`
 */
export async function openWaybill(bytes: PackageBytes, limits: ReadLimits): Promise<OpenedWaybill> {
  const files = await scanFiles(bytes, limits);
  const metadata = await metadataFiles(bytes, files, limits);
  const description = parseDescription(metadata.description);
  const signer = packageSigner(description, metadata);
  return { files, metadata, description, signer };
}

/** What the author wrote, as it was signed. @throws WaybillError `package-file-missing`, `package-damaged`, `package-limit-exceeded` */
export async function sourceOf({ metadata, description }: OpenedWaybill, file: string): Promise<Buffer> {
  const source = await metadata.file(names.sourceName(description.source.digest));
  if (sha256(source) !== description.source.digest)
    throw new WaybillError('package-damaged', { file, reason: 'its source is not the one waybill.json names.' });
  return source;
}
