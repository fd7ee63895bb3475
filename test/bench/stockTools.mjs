import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { timed } from './timed.mjs';

const run = promisify(execFile);
const ARCHIVE = 'component-images.tar';

/** What was written before is on the disk: its writing is not to slow down what is measured next. */
export const settled = () => run('sync');

/** `docker load` of a version that is not packed yet, unmeasured. */
export const putIntoEngine = (folder, { root }) => run('docker', ['load', '--input', join(folder, root, ARCHIVE)]);

/** The reference system's way in: `tar -xzf`, then `docker load`. */
export async function stockImport(folder, version, images) {
  const place = join(folder, `unpacked-${randomUUID()}`);
  await mkdir(place);
  await settled();
  const unpack = await timed(() => run('tar', ['-xzf', version.file, '-C', place]));
  const load = await timed(() => run('docker', ['load', '--input', join(place, version.root, ARCHIVE)]));
  await images.there(version.images);
  await rm(place, { recursive: true });
  return { unpack: unpack.seconds, load: load.seconds, total: unpack.seconds + load.seconds };
}

/** The reference system's way out: `docker save`, then `tar -czf`, into the file of the version. */
export async function stockExport(folder, { root, file, references, metadata }) {
  const place = join(folder, `packing-${randomUUID()}`);
  await mkdir(join(place, root), { recursive: true });
  await writeFile(join(place, root, 'metadata.json'), JSON.stringify(metadata));
  await settled();
  const save = await timed(() => run('docker', ['save', '-o', join(place, root, ARCHIVE), ...references]));
  const pack = await timed(() => run('tar', ['-czf', file, '-C', place, root]));
  await rm(place, { recursive: true });
  return { save: save.seconds, pack: pack.seconds, total: save.seconds + pack.seconds };
}

/** Bytes of the largest file in a tar archive, as `tar` lists it. */
export async function largestFile(archive) {
  const { stdout } = await run('tar', ['-tvf', archive]);
  return Math.max(
    ...stdout
      .trim()
      .split('\n')
      .map((line) => Number(line.split(/\s+/)[2])),
  );
}

/** Bytes of a file after `gzip` of the usual level. */
export async function gzippedSize(path) {
  const { stdout } = await run('sh', ['-c', 'gzip -6 -n -c "$0" | wc -c', path]);
  return Number(stdout);
}
