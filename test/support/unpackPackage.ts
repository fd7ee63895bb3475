import { createReadStream } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { extract } from 'tar-stream';

/** Writes the files of a package into a folder, as a publisher has them: `metadata.json`, `component-images.tar`. */
export async function unpackPackage(file: string, folder: string): Promise<void> {
  const unpacking = extract();
  unpacking.on('entry', (header, stream, next) => {
    const chunks: Buffer[] = [];
    stream.on('data', (chunk) => chunks.push(chunk as Buffer));
    stream.on('end', () => {
      const name = header.name.split('/').at(-1) ?? '';
      if (name === '') next();
      else writeFile(join(folder, name), Buffer.concat(chunks)).then(() => next(), next);
    });
  });
  await pipeline(createReadStream(file), createGunzip(), unpacking);
}
