import type { StoredLayer } from '@waybill/content-store';
import { canonicalJson, sha256, type CanonicalValue, type Digest } from '@waybill/kernel';
import { PACKAGE_NAMESPACE, sshSignature, type Envelope, type SigningKey } from '../signing/index.js';
import { isLayer, tarPieces, type Piece, type TarMember } from '../write/pieces.js';
import { writeChecksums } from './checksums.js';
import type { PackageDescription } from './description.js';
import * as names from './names.js';
import { ociFiles } from './ociIndex.js';
import { signStatement } from './statement.js';

export interface WaybillContent {
  readonly description: PackageDescription;
  readonly source: Uint8Array;
  /** Configurations of images and bills of materials. */
  readonly blobs: ReadonlyMap<Digest, Uint8Array>;
  /** The layers to be in the package, compressed; a layer of the images that is not among them is left out: a delta. */
  readonly layers: ReadonlyMap<Digest, StoredLayer>;
  /** The publisher's roots, the first one first. */
  readonly roots: readonly Envelope[];
  readonly keys: readonly SigningKey[];
}

export interface PackagePieces {
  readonly pieces: readonly Piece[];
  /** Bytes of the whole. */
  readonly size: number;
}

/**
 * A package of the `waybill` format (docs/formats.md): an uncompressed tar that is an OCI image layout, signed. Metadata first, layers last and
 * sorted, no times: one content gives one file.
 */
export function writeWaybillPackage(content: WaybillContent): PackagePieces {
  const { description, source, blobs, layers, keys } = content;
  const bytes = asJson(description);
  const oci = ociFiles(
    description.images.map((image) => ({ ...image, configSize: blobs.get(image.config)?.length ?? 0 })),
    layers,
  );
  const [first] = keys;
  const signed: TarMember[] = [
    { name: names.DESCRIPTION, content: bytes },
    ...(first === undefined
      ? []
      : [{ name: names.SSH_SIGNATURE, content: Buffer.from(sshSignature(first, PACKAGE_NAMESPACE, bytes)) }]),
    { name: names.ENVELOPE, content: asJson(signStatement(description, bytes, keys)) },
    ...content.roots.map((root, index) => ({ name: names.rootName(index + 1), content: asJson(root) })),
  ];
  const rest: TarMember[] = [
    { name: names.OCI_LAYOUT, content: oci.layout },
    { name: names.OCI_INDEX, content: oci.index },
    { name: names.DOCKER_MANIFEST, content: oci.dockerManifest },
    { name: names.sourceName(description.source.digest), content: source },
    ...[...oci.manifests, ...blobs]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([digest, blob]) => ({ name: names.blobName(digest), content: blob })),
    ...[...layers.values()]
      .sort((a, b) => (a.storedDigest < b.storedDigest ? -1 : 1))
      .map((layer) => ({ name: names.blobName(layer.storedDigest), content: layer })),
  ];
  const checksums = writeChecksums(
    new Map([...signed, ...rest].map(({ name, content: held }) => [name, digestOf(held)])),
  );
  return tarPieces([...signed, { name: names.CHECKSUMS, content: checksums }, ...rest], ({ storedSize }) => storedSize);
}

const asJson = (value: object): Buffer => Buffer.from(canonicalJson(value as unknown as CanonicalValue));

const digestOf = (content: TarMember['content']): Digest => {
  if (typeof content === 'string' || Array.isArray(content)) throw new Error('a package holds files only');
  const piece = content as Piece;
  return isLayer(piece) ? piece.storedDigest : sha256(piece);
};
