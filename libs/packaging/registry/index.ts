export type { Credentials, FindCredentials } from './credentials.js';
export { dockerCredentials } from './dockerCredentials.js';
export { pullImages, type RegistryDigest } from './pullImages.js';
export type { RegistryAccess } from './registry.js';
export type { Platform } from './registryManifest.js';
