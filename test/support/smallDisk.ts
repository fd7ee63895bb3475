import { execFile } from 'node:child_process';
import { mkdtemp, open, rm, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const command = promisify(execFile);

/** A disk of its own for a test to fill. */
export interface SmallDisk {
  readonly folder: string;
  /** Takes all the room there is but so many bytes. */
  fill(leave?: number): Promise<void>;
  /** Gives it back. */
  free(): Promise<void>;
  remove(): Promise<void>;
}

/** Mounts one of so many bytes in memory; needs root. */
export async function mountSmallDisk(bytes: number): Promise<SmallDisk> {
  const folder = await mkdtemp(join(tmpdir(), 'waybill-disk-'));
  await command('mount', ['-t', 'tmpfs', '-o', `size=${String(bytes)}`, 'tmpfs', folder]);
  const filler = join(folder, 'filler');
  return {
    folder,
    async fill(leave = 0) {
      const { bavail, bsize } = await statfs(folder);
      const file = await open(filler, 'a');
      try {
        await file.appendFile(Buffer.alloc(Math.max(bavail * bsize - leave, 0), 1));
      } finally {
        await file.close();
      }
    },
    free: () => rm(filler),
    async remove() {
      await command('umount', ['--lazy', folder]);
      await rm(folder, { recursive: true });
    },
  };
}
