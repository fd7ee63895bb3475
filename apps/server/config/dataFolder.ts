import { randomBytes } from 'node:crypto';
import { access, chmod, constants, link, mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { WaybillError, withFailpoints } from '@waybill/kernel';
import type { Configuration } from './configuration.js';

/** Where the server keeps what; everything but the event store can be lost without losing history. */
export interface DataFolder {
  readonly root: string;
  readonly readModels: string;
  readonly content: string;
  readonly uploads: string;
  /** Packages that were exported, beside the content: every server that shares it gives them out. */
  readonly exports: string;
  /** Whose keys sign what is exported here. */
  readonly publisherRoots: string;
  readonly adminToken: string;
  /** Names this server in claims and the security log; kept, so that a restarted server knows itself. */
  readonly serverName: string;
}

/**
 * Uploads lie in a shared content folder: whichever server carries the import out has to see them.
 * @throws WaybillError `configuration-invalid` when a folder cannot be made or written to
 */
export async function openDataFolder({
  data: root,
  content,
}: Pick<Configuration, 'data' | 'content'>): Promise<DataFolder> {
  const uploads = join(content.shared ? content.folder : root, 'uploads');
  await usable('WAYBILL_DATA', root);
  await usable('WAYBILL_DATA', join(root, 'incoming'));
  await usable('WAYBILL_CONTENT', content.folder);
  await usable('WAYBILL_CONTENT', uploads);
  const exports = join(content.folder, 'exports');
  await usable('WAYBILL_CONTENT', exports);
  return {
    root,
    readModels: join(root, 'read-models.db'),
    content: content.folder,
    uploads,
    exports,
    publisherRoots: join(root, 'publisher-roots.json'),
    adminToken: join(root, 'admin-token'),
    serverName: await serverName(join(root, 'server-name')),
  };
}

async function usable(name: string, folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await access(folder, constants.W_OK | constants.X_OK);
  } catch (error) {
    const reason = `the folder ${folder} cannot be used (${(error as NodeJS.ErrnoException).code ?? String(error)}).`;
    throw new WaybillError('configuration-invalid', { name, reason }, { cause: error });
  }
}

async function serverName(file: string): Promise<string> {
  const known = (await readIfThere(file))?.toString('utf8').trim();
  if (known !== undefined && /^[a-z0-9][a-z0-9.]{0,62}$/.test(known)) return known;
  const host = hostname()
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '.')
    .replaceAll(/^\.+|\.+$/g, '')
    .slice(0, 40);
  const name = `${host === '' ? 'server' : host}.${randomBytes(4).toString('hex')}`;
  await writePrivate(file, `${name}\n`);
  return name;
}

/** Removes what a server left that was killed while it wrote a private file. For whoever has the folder to itself. */
export async function removePartials(folder: string): Promise<void> {
  for (const name of await readdir(folder)) if (name.endsWith(PARTIAL)) await rm(join(folder, name), { force: true });
}

const PARTIAL = '.partial';

/** Writes a file that only its owner can read: whole or not at all, and on disk when this returns. */
export async function writePrivate(file: string, content: string): Promise<void> {
  await placePrivate(file, content, rename);
}

/** The same, unless it is there already. @returns whether it was written */
export async function writePrivateOnce(file: string, content: string): Promise<boolean> {
  try {
    await placePrivate(file, content, link);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

async function placePrivate(
  file: string,
  content: string,
  place: (partial: string, file: string) => Promise<void>,
): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  const partial = `${file}.${randomBytes(4).toString('hex')}${PARTIAL}`;
  const handle = await open(partial, 'wx', 0o600);
  try {
    await handle.writeFile(content);
    await withFailpoints('fsync a private file', () => handle.sync());
  } finally {
    await handle.close();
  }
  try {
    await chmod(partial, 0o600);
    await withFailpoints('rename a private file', () => place(partial, file));
  } finally {
    await rm(partial, { force: true });
  }
}

export async function readIfThere(file: string): Promise<Buffer | undefined> {
  try {
    return await readFile(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
