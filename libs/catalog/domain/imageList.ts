import type { Digest } from '@waybill/kernel';
import type { ContentList } from './contentOf.js';
import type { VersionImage } from './templateEvents.js';

/** An image with its layers, lowest first; `bytes` is their sum. */
export interface ImageListItem extends VersionImage {
  readonly os: string;
  /** As Go names it: `amd64`, `arm64`, … */
  readonly architecture: string;
  readonly layers: readonly { readonly diffId: Digest; readonly size: number }[];
}

/** The images of a version, sorted by config digest; a document in the log, so that it is known what was there when the disk is lost. */
export type ImageList = readonly ImageListItem[];

/** Each image once, and nothing of it that depends on the archive it came in. */
export function imageListOf(images: readonly Omit<ImageListItem, 'bytes'>[]): ImageList {
  const items = images.map(({ config, os, architecture, layers }): ImageListItem => ({
    config,
    os,
    architecture,
    bytes: layers.reduce((sum, { size }) => sum + size, 0),
    layers: layers.map(({ diffId, size }) => ({ diffId, size })),
  }));
  return [...new Map(items.map((item) => [item.config, item])).values()].sort((a, b) => (a.config < b.config ? -1 : 1));
}

/** As the event names them. */
export const summaryOf = (images: ImageList): readonly VersionImage[] =>
  images.map(({ config, bytes }) => ({ config, bytes }));

/** What the content store must hold to write the version back into a package, whole. */
export const contentOfImages = (images: ImageList): ContentList => ({
  layers: [...new Set(images.flatMap(({ layers }) => layers.map(({ diffId }) => diffId)))].sort(),
  blobs: images.map(({ config }) => config),
});
