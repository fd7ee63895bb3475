import type { Digest } from '@waybill/kernel';
import { componentsIn, type InspectedPackage, type InspectedWaybill, type SeenWaybill } from '@waybill/packaging';
import type { InspectionView, SignerView } from '../api/import.js';
import type { HeldLayers } from './heldLayers.js';
import type { PartsInspection } from './partsInspection.js';

/** What `waybill inspect` tells of a package. The members that an import has too are the same as the server's. */
export interface LocalInspection extends InspectionView {
  /** Was every byte read and found sound? */
  readonly verified: boolean;
  /** Of the format `waybill`: compressed layers in the file, and layers that it leaves out. */
  readonly packed?: { readonly count: number; readonly bytes: number };
  readonly leftOut?: readonly Layer[];
  /** Bills of materials in the file, by the image they are of. */
  readonly sboms?: readonly {
    readonly image: string;
    readonly digest: string;
    readonly mediaType: string;
    readonly size: number;
  }[];
  /** With `--inventory`: what the site would have to store, and what of it the file does not bring. */
  readonly site?: {
    readonly name: string;
    readonly at: string;
    readonly store: { readonly count: number; readonly bytes: number; readonly packedBytes?: number };
    readonly lacking: readonly Layer[];
  };
  /** Of a split package, all of whose parts are there. */
  readonly parts?: PartsInspection;
  /** With `--trust`. */
  readonly trust?: { readonly trusted: boolean; readonly reason?: string };
}

interface Layer {
  readonly diffId: string;
  readonly size: number;
}

/** @param held by the site whose inventory was given */
export function inspectionOf(
  found: InspectedPackage | SeenWaybill,
  name: string,
  { verified, held }: { readonly verified: boolean; readonly held: HeldLayers | undefined },
): LocalInspection {
  const { manifest, images } = found;
  const layers = [...new Map(images.flatMap((image) => image.layers).map((layer) => [layer.diffId, layer])).values()];
  const fresh = held === undefined ? undefined : layers.filter(({ diffId }) => !held.layers.has(diffId));
  return {
    format: found.format,
    file: 'file' in found ? { name, ...found.file } : { name, size: found.size },
    template: manifest.template,
    version: manifest.version,
    manifest: found.manifestDigest,
    components: componentsIn(manifest),
    images: images.map(({ references, config, os, architecture, layers: own }) => ({
      references,
      config,
      os,
      architecture,
      bytes: sum(own),
      layers: own,
    })),
    layers: {
      count: layers.length,
      bytes: sum(layers),
      ...(fresh === undefined ? {} : { newCount: fresh.length, newBytes: sum(fresh) }),
    },
    notices: found.notices,
    verified,
    ...(found.format === 'waybill' ? said(found) : {}),
    ...('packed' in found ? filed(found, layers) : {}),
    ...(held === undefined || fresh === undefined ? {} : { site: siteOf(held, fresh, packedIn(found)) }),
  };
}

function said({
  description: { published, notes, withdrawn },
  signer,
}: Pick<InspectedWaybill, 'description' | 'signer'>): Pick<
  InspectionView,
  'signer' | 'published' | 'notes' | 'withdrawn'
> {
  return { signer: signerView(signer), published, ...(notes === undefined ? {} : { notes }), withdrawn };
}

function signerView(signer: InspectedWaybill['signer']): SignerView {
  if (signer.kind === 'unsigned') return signer;
  const { publisher, newest } = signer.publisher;
  return { kind: 'signed', publisher, name: newest.publisher, root: newest.version, keys: [...signer.keys].sort() };
}

function filed(
  { packed, description }: SeenWaybill,
  layers: readonly { readonly diffId: Digest; readonly size: number }[],
): Pick<LocalInspection, 'packed' | 'leftOut' | 'sboms'> {
  return {
    packed: { count: packed.size, bytes: packedBytes([...packed.values()]) },
    leftOut: layers.filter(({ diffId }) => !packed.has(diffId)),
    sboms: description.images.flatMap(({ config, sboms }) => sboms.map((sbom) => ({ image: config, ...sbom }))),
  };
}

const packedIn = (found: InspectedPackage | SeenWaybill): SeenWaybill['packed'] | undefined =>
  'packed' in found ? found.packed : undefined;

function siteOf(
  { site, at }: HeldLayers,
  fresh: readonly { readonly diffId: Digest; readonly size: number }[],
  packed: SeenWaybill['packed'] | undefined,
): NonNullable<LocalInspection['site']> {
  const brought = fresh.flatMap(({ diffId }) => packed?.get(diffId) ?? []);
  return {
    name: site,
    at,
    store: {
      count: packed === undefined ? fresh.length : brought.length,
      bytes: sum(packed === undefined ? fresh : brought),
      ...(packed === undefined ? {} : { packedBytes: packedBytes(brought) }),
    },
    lacking: packed === undefined ? [] : fresh.filter(({ diffId }) => !packed.has(diffId)),
  };
}

const sum = (layers: readonly { readonly size: number }[]): number => layers.reduce((all, { size }) => all + size, 0);

const packedBytes = (layers: readonly { readonly storedSize: number }[]): number =>
  layers.reduce((all, { storedSize }) => all + storedSize, 0);
