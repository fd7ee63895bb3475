import { posix } from 'node:path';
import { pack } from 'tar-stream';
import type { OpenSecret, UnitSpec } from '../runtime.js';
import { clearText } from './clearText.js';

/** A tar of the unit's config files with their secrets, to be unpacked at the root of a container that has not started. */
export async function configFiles(files: UnitSpec['files'], openSecret: OpenSecret): Promise<Buffer> {
  const archive = pack();
  for (const file of files) {
    archive.entry(
      { name: inArchive(file.path), mode: file.mode & 0o7777, uid: 0, gid: 0, mtime: new Date(0) },
      clearText(file.content, openSecret),
    );
  }
  archive.finalize();
  const pieces: Buffer[] = [];
  for await (const piece of archive) pieces.push(piece as Buffer);
  return Buffer.concat(pieces);
}

// Whatever a template writes, the path stays below the container's root.
const inArchive = (path: string): string => posix.join('/', path).slice(1);
