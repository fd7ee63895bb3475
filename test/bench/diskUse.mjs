import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { clearInterval, setInterval } from 'node:timers';

const EVERY_MS = 50;

/** Carries the work out and answers the most bytes that a folder took meanwhile. */
export async function peakOf(folder, work) {
  let most = 0;
  let looking;
  const look = () => {
    looking ??= bytesIn(folder).then((bytes) => {
      most = Math.max(most, bytes);
      looking = undefined;
    });
    return looking;
  };
  const timer = setInterval(look, EVERY_MS);
  try {
    const result = await work();
    return { result, peak: Math.max(most, await bytesIn(folder)) };
  } finally {
    clearInterval(timer);
    await looking;
  }
}

/** Bytes on disk of all files below a folder, a file with several names once; files may come and go meanwhile. */
export async function bytesIn(folder, seen = new Set()) {
  let bytes = 0;
  for (const entry of await readdir(folder, { withFileTypes: true }).catch(goneToNothing)) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) bytes += await bytesIn(path, seen);
    else {
      const { ino, blocks = 0 } = await stat(path).catch(goneToNothing);
      if (ino !== undefined && !seen.has(ino)) bytes += blocks * 512;
      seen.add(ino);
    }
  }
  return bytes;
}

function goneToNothing(error) {
  if (error.code === 'ENOENT') return [];
  throw error;
}
