import { createReadStream } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { createGunzip, gzipSync } from 'node:zlib';
import { extract, pack } from 'tar-stream';

/** A real package of the reference system. */
export const fixture = (version: '1.0' | '2.0'): string =>
  fileURLToPath(new URL(`../../../test/fixtures/backend-system-${version}-ram.tar.gz`, import.meta.url));

export type Metadata = Record<string, unknown> & { readonly apps: Record<string, unknown>[] };

export interface Unpacked {
  readonly folder: string;
  readonly metadata: Metadata;
  readonly images: Buffer;
}

export async function unpack(version: '1.0' | '2.0'): Promise<Unpacked> {
  const files = new Map<string, Buffer>();
  for await (const entry of createReadStream(fixture(version)).pipe(createGunzip()).pipe(extract()))
    if (entry.header.type === 'file') files.set(entry.header.name, await buffer(entry));
  const [[name, metadata]] = [...files].filter(([path]) => path.endsWith('/metadata.json')) as [[string, Buffer]];
  const folder = name.slice(0, name.indexOf('/'));
  return {
    folder,
    metadata: JSON.parse(metadata.toString()) as Metadata,
    images: files.get(`${folder}/component-images.tar`)!,
  };
}

/** Writes a package that says something else, with the images of the real one. */
export async function repack(
  directory: string,
  name: string,
  version: '1.0' | '2.0',
  change: (metadata: Metadata) => Metadata,
  more: Readonly<Record<string, Buffer>> = {},
): Promise<string> {
  const { folder, metadata, images } = await unpack(version);
  const archive = pack();
  archive.entry({ name: `${folder}/`, type: 'directory' });
  archive.entry({ name: `${folder}/metadata.json` }, JSON.stringify(change(metadata)));
  archive.entry({ name: `${folder}/component-images.tar` }, images);
  for (const [entry, bytes] of Object.entries(more)) archive.entry({ name: `${folder}/${entry}` }, bytes);
  archive.finalize();
  const path = join(directory, name);
  await writeFile(path, gzipSync(await buffer(archive)));
  return path;
}
