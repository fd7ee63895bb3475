export * from './compose/index.js';
export { digestOfFile, openPackage, type PackageBytes, type PackageFile, type PartFile } from './file/packageBytes.js';
export { notCarriedByCompose } from './dockerCompose/notCarried.js';
export { writeDockerComposePackage, type DockerComposeContent } from './dockerCompose/writeDockerComposePackage.js';
export { readImageArchive } from './image/readImageArchive.js';
export { recognise, type Recognised } from './inspect/recognise.js';
export * from './manifest.js';
export * from './manifestDigest.js';
export * from './matchComponents.js';
export { normalise, type NormalisedSource, type SourceFormat } from './normalise.js';
export * from './package.js';
export * from './parts/index.js';
export * from './running/index.js';
export { checkSbom, CYCLONEDX } from './sbom.js';
export type { RamMetadata } from './ram/metadata.js';
export { loopbackIn } from './ram/suspicions.js';
export { normaliseRam, type NormalisedRam } from './ram/normaliseRam.js';
export { parseRamMetadata } from './ram/parseRamMetadata.js';
export { readRamPackage } from './ram/readRamPackage.js';
export { readPackage, type InspectedPackage, type ReadPackageOptions } from './readPackage.js';
export * from './signing/index.js';
export {
  inOrder,
  type DescribedImage,
  type PackageDescription,
  type WithdrawnVersion,
} from './waybill/description.js';
export type { ClaimedLayer } from './waybill/claimedLayers.js';
export { lookIntoWaybill, type SeenWaybill } from './waybill/lookIntoWaybill.js';
export { isWaybillFormat } from './waybill/isWaybillFormat.js';
export type { PackageSigner } from './waybill/packageSigner.js';
export { rootsInFile } from './waybill/rootsInFile.js';
export { trustedChain, type TrustedPublishers } from './waybill/trustedChain.js';
export type { InspectedWaybill } from './waybill/readWaybillPackage.js';
export { verifyLayers } from './waybill/verifyLayers.js';
export { manifestDocuments } from './manifestDocuments.js';
export { writeRamPackage } from './ram/writeRamPackage.js';
export { imageReferences } from './ram/taggedImages.js';
export { renumbered } from './ram/exportedMetadata.js';
export type { RamContent } from './ram/ramContent.js';
export { writeWaybillPackage, type PackagePieces, type WaybillContent } from './waybill/writeWaybillPackage.js';
export { gzipBytes } from './write/gzipBytes.js';
export { isLayer, plainBytes, type GzippedPackage, type Layers, type Piece } from './write/pieces.js';
export { INVENTORY_TYPE, openInventory, signInventory, type Inventory } from './inventory.js';
