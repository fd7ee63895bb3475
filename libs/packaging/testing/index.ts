export * from './buildImage.js';
export * from './buildImageArchive.js';
export * from './buildRamPackage.js';
export * from './tarFile.js';
export * from './manifests.js';
export * from './buildWaybillPackage.js';
export * from './buildRamZip.js';
export * from './zipFile.js';
