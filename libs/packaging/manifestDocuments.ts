import type { Digest } from '@waybill/kernel';
import type { Manifest } from './manifest.js';

/** The documents that a manifest names and is not whole without: what it carries, and what is said of its routes. */
export const manifestDocuments = ({ carried, routes }: Pick<Manifest, 'carried' | 'routes'>): readonly Digest[] => [
  ...carried.map(({ content }) => content),
  ...routes.map(({ settings }) => settings),
];
