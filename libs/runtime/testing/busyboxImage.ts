import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { createGunzip } from 'node:zlib';
import { extract, pack } from 'tar-stream';
import { sha256, type Digest } from '@waybill/kernel';
import type { ImageSource, UnitImage } from '../runtime.js';

/** An image made without an engine and without a network. */
export interface MadeImage {
  readonly image: UnitImage;
  readonly source: ImageSource;
  /** Sizes of its layers, from the lowest. */
  readonly sizes: readonly number[];
}

export interface ImageWishes {
  /** Content of layers on top of busybox, each of which is path → text. */
  readonly layers?: readonly Readonly<Record<string, string>>[];
  /** Layers below busybox, so that nothing of the image is on any engine yet. */
  readonly below?: readonly Readonly<Record<string, string>>[];
  /** The `config` of the image's configuration, such as `Cmd` and `Healthcheck`. */
  readonly config?: Readonly<Record<string, unknown>>;
  readonly architecture?: string;
}

/** Busybox, from the layers of the fixture package, with what a test wants on it. */
export async function busyboxImage(wishes: ImageWishes = {}): Promise<MadeImage> {
  const made = async (contents: ImageWishes['layers']): Promise<readonly Buffer[]> =>
    Promise.all((contents ?? []).map(layerOf));
  const layers = [...(await made(wishes.below)), ...(await busyboxLayers()), ...(await made(wishes.layers))];
  const architecture = wishes.architecture ?? (process.arch === 'x64' ? 'amd64' : process.arch);
  const diffIds = layers.map((layer) => sha256(layer));
  const config = Buffer.from(
    JSON.stringify({
      architecture,
      os: 'linux',
      config: { Env: ['PATH=/bin'], Cmd: ['sleep', '3600'], ...wishes.config },
      rootfs: { type: 'layers', diff_ids: diffIds },
    }),
  );
  const image = { config: sha256(config), diffIds, architecture, os: 'linux' };
  return { image, source: sourceOf(image.config, config, layers), sizes: layers.map(({ length }) => length) };
}

function sourceOf(configDigest: Digest, config: Uint8Array, layers: readonly Buffer[]): ImageSource {
  const byDigest = new Map(layers.map((layer) => [sha256(layer), layer]));
  const layer = (diffId: Digest): Buffer => {
    const found = byDigest.get(diffId);
    if (found === undefined) throw new Error(`no layer ${diffId}`);
    return found;
  };
  return {
    readConfig: (digest) =>
      digest === configDigest ? Promise.resolve(config) : Promise.reject(new Error(`no ${digest}`)),
    readLayer: (diffId) => Promise.resolve(Readable.from([layer(diffId)])),
    layerSize: (diffId) => Promise.resolve(layer(diffId).length),
  };
}

async function layerOf(files: Readonly<Record<string, string>>): Promise<Buffer> {
  const tar = pack();
  for (const [name, text] of Object.entries(files)) tar.entry({ name, mode: 0o755, mtime: new Date(0) }, text);
  tar.finalize();
  return collect(tar);
}

let busybox: Promise<readonly Buffer[]> | undefined;

/** The two lowest layers of the fixture's images: the program, and the links to it. */
function busyboxLayers(): Promise<readonly Buffer[]> {
  busybox ??= readBusyboxLayers();
  return busybox;
}

async function readBusyboxLayers(): Promise<readonly Buffer[]> {
  const fixture = fileURLToPath(new URL('../../../test/fixtures/backend-system-1.0-ram.tar.gz', import.meta.url));
  const packageFiles = await entriesOf(createReadStream(fixture).pipe(createGunzip()));
  const archive = [...packageFiles].find(([name]) => name.endsWith('component-images.tar'))?.[1];
  const images = await entriesOf(Readable.from([archive ?? Buffer.alloc(0)]));
  const manifest = JSON.parse(String(images.get('manifest.json'))) as readonly { readonly Layers: readonly string[] }[];
  return (manifest[0]?.Layers ?? []).slice(0, 2).map((name) => images.get(name) ?? Buffer.alloc(0));
}

async function entriesOf(archive: Readable): Promise<ReadonlyMap<string, Buffer>> {
  const files = new Map<string, Buffer>();
  for await (const entry of archive.pipe(extract())) files.set(entry.header.name, await collect(entry));
  return files;
}

async function collect(source: AsyncIterable<unknown>): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of source) pieces.push(piece as Buffer);
  return Buffer.concat(pieces);
}
