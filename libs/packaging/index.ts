export * from './manifest.js';
export * from './package.js';
