import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { WaybillError } from '@waybill/kernel';

/**
 * Makes a folder, and those above it that are not there. One at a time: the recursion of `mkdir` itself does not end where nobody can make any, below
 * `/proc` say.
 * @throws WaybillError `invalid-request`
 */
export async function makeFolder(path: string): Promise<void> {
  if (await isFolder(path)) return;
  const above = dirname(path);
  if (above !== path) await makeFolder(above);
  try {
    await mkdir(path);
  } catch (cause) {
    // Somebody else made it meanwhile.
    if (await isFolder(path)) return;
    throw new WaybillError(
      'invalid-request',
      { reason: `the folder ${path} cannot be made: ${(cause as Error).message}.` },
      { cause },
    );
  }
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    // Whatever keeps us from it, making it says.
    return false;
  }
}
