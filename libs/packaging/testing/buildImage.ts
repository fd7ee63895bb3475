import { sha256, type Digest } from '@waybill/kernel';
import type { PackagedImage } from '../package.js';
import { tarFile, type TarFileEntry } from './tarFile.js';

/** Files of a layer by name: a text, bytes, or what a tar entry says more (`mode`, `type`, `link`). A ready layer tar is taken as it is. */
export type LayerContent =
  Readonly<Record<string, string | Uint8Array | Omit<TarFileEntry, 'name'>>> | { readonly tar: Uint8Array };

export interface ImageDescription {
  /** Lowest first. */
  readonly layers: readonly LayerContent[];
  /** `repo:tag`, as the archive will list them. */
  readonly references?: readonly string[];
  readonly architecture?: string;
  readonly os?: string;
  /** `NAME=value`. */
  readonly env?: readonly string[];
  readonly cmd?: readonly string[];
  readonly entrypoint?: readonly string[];
  readonly workingDir?: string;
  readonly exposedPorts?: readonly string[];
  readonly healthcheck?: { readonly Test: readonly string[]; readonly [name: string]: unknown };
  /** Written over the configuration: any lie. */
  readonly config?: Readonly<Record<string, unknown>>;
}

export interface BuiltImage {
  readonly references: readonly string[];
  /** The configuration's JSON. */
  readonly config: Uint8Array;
  /** Digest of the configuration: the image id. */
  readonly id: Digest;
  /** Uncompressed tars, lowest first. */
  readonly layers: readonly { readonly diffId: Digest; readonly tar: Uint8Array }[];
  /** What a right reader makes of it. */
  readonly packaged: PackagedImage;
}

/** An image as an engine would make it; the same description gives the same bytes. */
export function buildImage(description: ImageDescription): BuiltImage {
  const { references = [], architecture = 'amd64', os = 'linux' } = description;
  const layers = description.layers.map((content) => {
    const tar = layerTar(content);
    return { diffId: sha256(tar), tar };
  });
  const config = Buffer.from(
    JSON.stringify({
      architecture,
      os,
      created: '2026-01-01T00:00:00Z',
      config: {
        Env: description.env ?? ['PATH=/bin'],
        ...(description.cmd === undefined ? {} : { Cmd: description.cmd }),
        ...(description.entrypoint === undefined ? {} : { Entrypoint: description.entrypoint }),
        ...(description.workingDir === undefined ? {} : { WorkingDir: description.workingDir }),
        ...(description.exposedPorts === undefined
          ? {}
          : { ExposedPorts: Object.fromEntries(description.exposedPorts.map((port) => [port, {}])) }),
        ...(description.healthcheck === undefined ? {} : { Healthcheck: description.healthcheck }),
      },
      history: layers.map(() => ({ created: '2026-01-01T00:00:00Z', created_by: 'buildImage' })),
      rootfs: { type: 'layers', diff_ids: layers.map((layer) => layer.diffId) },
      ...description.config,
    }),
  );
  const id = sha256(config);
  return {
    references,
    config,
    id,
    layers,
    packaged: {
      references,
      config: id,
      os,
      architecture,
      layers: layers.map(({ diffId, tar }) => ({ diffId, size: tar.length })),
    },
  };
}

function layerTar(content: LayerContent): Uint8Array {
  if ('tar' in content && content.tar instanceof Uint8Array) return content.tar;
  return tarFile(
    Object.entries(content).map(([name, file]) =>
      typeof file === 'string' || file instanceof Uint8Array ? { name, content: file } : { name, ...file },
    ),
  );
}

/** An image that needs no more than to be found by its name. */
export const imageCalled = (reference: string): PackagedImage =>
  buildImage({ references: [reference], layers: [{ 'bin/app': reference }] }).packaged;
