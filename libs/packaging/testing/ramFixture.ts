import { createReadStream } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { createGunzip } from 'node:zlib';
import { digest, digestFrom, sha256 } from '@waybill/kernel';
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { extract } from 'tar-stream';
import type { PackagedImage } from '../package.js';

/** The metadata of a package fixture and what its image archive says about itself, read by other means than the code under test. */
export async function ramFixture(
  name: string,
): Promise<{ readonly metadata: Uint8Array; readonly images: readonly PackagedImage[] }> {
  const path = fileURLToPath(new URL(`../../../test/fixtures/${name}`, import.meta.url));
  const outer = await entries(createReadStream(path).pipe(createGunzip()));
  const metadata = ending(outer, '/metadata.json');
  const inner = await entries(Readable.from([ending(outer, '/component-images.tar')]));
  const listed = JSON.parse(text(ending(inner, 'manifest.json'))) as readonly {
    readonly Config: string;
    readonly RepoTags: readonly string[];
    readonly Layers: readonly string[];
  }[];
  return { metadata, images: listed.map((item) => packagedImage(item.RepoTags, ending(inner, item.Config))) };
}

function packagedImage(references: readonly string[], bytes: Uint8Array): PackagedImage {
  const config = JSON.parse(text(bytes)) as {
    readonly os: string;
    readonly architecture: string;
    readonly rootfs: { readonly diff_ids: readonly string[] };
  };
  return {
    references,
    config: sha256(bytes),
    os: config.os,
    architecture: config.architecture,
    layers: config.rootfs.diff_ids.map((id) => ({ diffId: digest(id), size: 0 })),
  };
}

/** An image with a made-up content, known by these references. */
export const madeUpImage = (content: string, ...references: readonly string[]): PackagedImage => ({
  references,
  config: digestFrom(createHash('sha256').update(content)),
  os: 'linux',
  architecture: 'amd64',
  layers: [{ diffId: sha256(`${content} layer`), size: 7 }],
});

async function entries(stream: NodeJS.ReadableStream): Promise<ReadonlyMap<string, Uint8Array>> {
  const found = new Map<string, Uint8Array>();
  for await (const entry of stream.pipe(extract())) {
    const chunks: Uint8Array[] = [];
    for await (const chunk of entry) chunks.push(chunk as Uint8Array);
    found.set(entry.header.name, Buffer.concat(chunks));
  }
  return found;
}

function ending(entries: ReadonlyMap<string, Uint8Array>, end: string): Uint8Array {
  const found = [...entries].find(([name]) => name.endsWith(end));
  if (found === undefined) throw new Error(`the fixture has no ${end}`);
  return found[1];
}

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
