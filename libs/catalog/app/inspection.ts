import type { ContentStore } from '@waybill/content-store';
import type { CanonicalValue, Digest } from '@waybill/kernel';
import {
  componentsIn,
  type ComponentInBrief,
  type InspectedPackage,
  type KeyFingerprint,
  type Notice,
  type PackageDescription,
  type PackagedImage,
  type PublisherId,
} from '@waybill/packaging';
import type { ContentList } from '../domain/contentOf.js';
import { contentOfImages, imageListOf } from '../domain/imageList.js';
import type { Sbom } from '../domain/sboms.js';

/** What a person sees before confirming; a document in the log. */
export interface Inspection {
  readonly schema: 1;
  readonly format: string;
  readonly file: { readonly name: string; readonly digest: Digest; readonly size: number };
  readonly template: { readonly key: string; readonly name: string };
  /** As the package says it. */
  readonly version: string;
  readonly manifest: Digest;
  readonly components: readonly ComponentInBrief[];
  readonly images: readonly InspectedImage[];
  readonly layers: {
    readonly count: number;
    readonly bytes: number;
    /** Not in the content store when the package was read. */
    readonly newCount: number;
    readonly newBytes: number;
  };
  readonly notices: readonly Notice[];
  /** Absent: packages of this format cannot be signed. */
  readonly signer?: InspectedSigner;
  /** When its publisher published it, and what it said of it. */
  readonly published?: string;
  readonly notes?: string;
  /** Versions that the publisher says it has withdrawn. */
  readonly withdrawn?: PackageDescription['withdrawn'];
}

export type InspectedSigner =
  | { readonly kind: 'unsigned' }
  | {
      readonly kind: 'signed';
      readonly publisher: PublisherId;
      readonly name: string;
      /** Number of the newest root in the package. */
      readonly root: number;
      readonly keys: readonly KeyFingerprint[];
      /** Document with the package's roots. */
      readonly roots: Digest;
    };

export interface InspectedImage {
  readonly references: readonly string[];
  readonly config: Digest;
  readonly os: string;
  readonly architecture: string;
  /** Uncompressed bytes of its layers. */
  readonly bytes: number;
  readonly layers: readonly { readonly diffId: Digest; readonly size: number; readonly isNew: boolean }[];
  /** Bills of materials. Absent: none. */
  readonly sboms?: readonly Omit<Sbom, 'image'>[];
}

/** Everything of an inspected package that is stored when it is taken. */
export function contentOfInspection({ images }: Pick<Inspection, 'images'>): ContentList {
  const { layers, blobs } = contentOfImages(imageListOf(images));
  return { layers, blobs: [...new Set([...blobs, ...sbomsIn({ images }).map(({ digest }) => digest)])] };
}

export const sbomsIn = ({ images }: Pick<Inspection, 'images'>): readonly Sbom[] =>
  images.flatMap(({ config, sboms = [] }) => sboms.map((sbom) => ({ image: config, ...sbom })));

/** Says what the package holds and what of it the content store lacks. */
export async function inspectionOf(
  inspected: InspectedPackage,
  name: string,
  content: Pick<ContentStore, 'hasLayer'>,
  signer?: InspectedSigner,
): Promise<Inspection> {
  const layers = layersOf(inspected.images);
  const known = new Set<Digest>();
  for (const { diffId } of layers) if (await content.hasLayer(diffId)) known.add(diffId);
  const fresh = layers.filter(({ diffId }) => !known.has(diffId));
  const { manifest } = inspected;
  return {
    schema: 1,
    format: inspected.format,
    file: { name, ...inspected.file },
    template: manifest.template,
    version: manifest.version,
    manifest: inspected.manifestDigest,
    components: componentsIn(manifest),
    images: inspected.images.map((image) => ({
      references: image.references,
      config: image.config,
      os: image.os,
      architecture: image.architecture,
      bytes: bytesOf(image.layers),
      layers: image.layers.map((layer) => ({ ...layer, isNew: !known.has(layer.diffId) })),
      ...(image.sboms === undefined ? {} : { sboms: image.sboms }),
    })),
    layers: {
      count: layers.length,
      bytes: bytesOf(layers),
      newCount: fresh.length,
      newBytes: bytesOf(fresh),
    },
    notices: inspected.notices,
    ...(signer === undefined ? {} : { signer }),
    ...(inspected.format === 'waybill' ? said(inspected.description) : {}),
  };
}

const said = ({ published, notes, withdrawn }: PackageDescription): Pick<Inspection, 'published' | 'withdrawn'> => ({
  published,
  ...(notes === undefined ? {} : { notes }),
  withdrawn,
});

type Layer = PackagedImage['layers'][number];

/** Each layer once, though many images may share it. */
export const layersOf = (images: readonly { readonly layers: readonly Layer[] }[]): readonly Layer[] => [
  ...new Map(images.flatMap(({ layers }) => layers).map((layer) => [layer.diffId, layer])).values(),
];

export const bytesOf = (layers: readonly { readonly size: number }[]): number =>
  layers.reduce((sum, { size }) => sum + size, 0);

// The interfaces of documents only lack the index signature of canonical JSON.
export const asDocument = (document: object): CanonicalValue => document as unknown as CanonicalValue;
