export * from './contentStore.js';
