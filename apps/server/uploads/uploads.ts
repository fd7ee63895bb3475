import { randomUUID } from 'node:crypto';
import { open, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { FileStore } from '@tus/file-store';
import { Server } from '@tus/server';
import { isUuid, printable, WaybillError, withFailpoints } from '@waybill/kernel';

export const UPLOADS_PATH = '/api/v1/uploads';

/** Bytes of one upload. */
export const UPLOAD_LIMIT = 256 * 1024 ** 3;
/** Bytes below which a disk counts as full. */
const LEAST_ROOM = 1024 ** 2;
/** After this long an upload is gone, complete or not: what is needed of it was taken over by an import or a publication. */
const EXPIRY_MS = 7 * 24 * 3_600_000;
const NAME_LENGTH = 200;

/** A complete upload as an import or a publication reads it. */
export interface Upload {
  /** Name of the file below the uploads' folder. */
  readonly file: string;
  /** What the caller called it; safe to print, never used as a path. */
  readonly name: string;
}

export interface Uploads {
  /** Answers a request of the protocol on behalf of an account. @throws WaybillError `disk-full` */
  handle(request: Request, account: string): Promise<Response>;
  /** @throws WaybillError `upload-not-found`, `upload-incomplete` */
  complete(id: string, account: string): Promise<Upload>;
  /** Whose upload is it? Nothing when there is none. */
  ownerOf(id: string): Promise<string | undefined>;
  removeExpired(): Promise<number>;
}

/** Resumable uploads (tus 1.0) in a folder: each a file named by its id with a note beside it. */
export function openUploads(folder: string): Uploads {
  const datastore = new FileStore({ directory: folder, expirationPeriodInMilliseconds: EXPIRY_MS });
  const find = async (id: string) => {
    // Ids become file names: what is none of ours never reaches the disk.
    if (!isUuid(id)) return undefined;
    try {
      return await datastore.getUpload(id);
    } catch (error) {
      if ([404, 410].includes((error as { status_code?: number }).status_code ?? 0)) return undefined;
      throw error;
    }
  };
  const ownerOf = async (id: string) => (await find(id))?.metadata?.['owner'] ?? undefined;
  const accounts = new WeakMap<Request, string>();
  const tus = new Server({
    path: UPLOADS_PATH,
    datastore,
    maxSize: UPLOAD_LIMIT,
    relativeLocation: true,
    allowedOrigins: [],
    namingFunction: () => randomUUID(),
    onUploadCreate: (request, upload) =>
      Promise.resolve({ metadata: { name: nameOf(upload.metadata), owner: accounts.get(request) ?? '' } }),
    onUploadFinish: async (_, upload) => {
      await flush(join(folder, upload.id));
      return {};
    },
  });
  return {
    async handle(request, account) {
      accounts.set(request, account);
      const announced = request.method === 'POST' ? Number(request.headers.get('upload-length')) : 0;
      if (announced <= UPLOAD_LIMIT) await mustHaveRoom(folder, announced);
      const response = await tus.handleWeb(request);
      // The store says only that it could not write.
      if (response.status === 500) await mustHaveRoom(folder, LEAST_ROOM);
      return response;
    },
    ownerOf,
    async complete(id, account) {
      const upload = await find(id);
      // Another account's upload is none of the caller's business, its existence included.
      if (upload?.metadata?.['owner'] !== account) throw new WaybillError('upload-not-found', { upload: id });
      const { size, offset, metadata } = upload;
      if (size === undefined || offset < size)
        throw new WaybillError('upload-incomplete', {
          upload: id,
          received: offset,
          size: size ?? 'an unknown number',
        });
      return { file: id, name: metadata['name'] ?? id };
    },
    removeExpired: () => datastore.deleteExpired(),
  };
}

/** The last part of what the caller calls the file, without what could mislead a reader. */
export function nameOf(metadata: Readonly<Record<string, string | null>> | undefined): string {
  const said = metadata?.['filename'] ?? metadata?.['name'] ?? '';
  const last = said.toWellFormed().split(/[/\\]/).at(-1) ?? '';
  const name = printable(last).trim().slice(0, NAME_LENGTH);
  return name === '' || /^\.+$/.test(name) ? 'upload' : name;
}

async function mustHaveRoom(folder: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  if (bytes > bavail * bsize) throw new WaybillError('disk-full', { where: folder });
}

/** A caller that was told "complete" deletes its own copy. */
async function flush(file: string): Promise<void> {
  const handle = await open(file, 'r+');
  try {
    await withFailpoints('fsync an upload', () => handle.sync());
  } finally {
    await handle.close();
  }
}
