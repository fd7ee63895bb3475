export type { Brand } from './brand.js';
export * from './canonicalJson.js';
export * from './clock.js';
export * from './digest.js';
export * from './errorCatalogue.js';
export * from './errors.js';
export * from './ids.js';
export * from './secretKey.js';
export * from './version.js';
