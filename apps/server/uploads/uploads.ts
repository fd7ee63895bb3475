import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { FileStore } from '@tus/file-store';
import { Server } from '@tus/server';
import { digestFrom, isUuid, printable, WaybillError, withFailpoints, type Digest } from '@waybill/kernel';
import { announcedDigest } from './announcedDigest.js';
import { removeAbandoned, uploadIds } from './uploadFolder.js';

export const UPLOADS_PATH = '/api/v1/uploads';

/** Bytes of one upload. */
export const UPLOAD_LIMIT = 256 * 1024 ** 3;
/** Bytes below which a disk counts as full. */
const LEAST_ROOM = 1024 ** 2;
/** Milliseconds after its last byte when an upload is gone, complete or not: what is needed of it was taken over by an import or a publication. */
const EXPIRY_MS = 7 * 24 * 3_600_000;
const NAME_LENGTH = 200;

/** A complete upload as an import or a publication reads it. */
export interface Upload {
  /** Name of the file below the uploads' folder. */
  readonly file: string;
  /** What the caller called it; safe to print, never used as a path. */
  readonly name: string;
  /** What its sender announced, and what it was found to be. */
  readonly digest?: Digest;
}

/** How far an upload is, for whoever goes on with it. */
export interface UploadState {
  readonly id: string;
  readonly name: string;
  /** Bytes of the whole; absent when its sender does not know yet. */
  readonly size?: number;
  readonly received: number;
  /** What its sender announced. */
  readonly sha256?: Digest;
  /** RFC 3339. */
  readonly created?: string;
}

export interface Uploads {
  /**
   * Answers a request of the protocol on behalf of an account. What it says has arrived is on the disk.
   * @throws WaybillError `disk-full`; `upload-digest-differs` with the last byte of an upload that is not what was announced, and is gone then
   */
  handle(request: Request, account: string): Promise<Response>;
  /** @throws WaybillError `upload-not-found`, `upload-incomplete`, `upload-digest-differs` */
  complete(id: string, account: string): Promise<Upload>;
  /** The account's uploads, newest first; with a digest, those that were announced with it. */
  list(account: string, sha256?: Digest): Promise<readonly UploadState[]>;
  /** Whose upload is it? Nothing when there is none. */
  ownerOf(id: string): Promise<string | undefined>;
  removeExpired(): Promise<number>;
}

/** Resumable uploads (tus 1.0) in a folder: each a file named by its id with a note beside it. */
export function openUploads(folder: string): Uploads {
  const datastore = new FileStore({ directory: folder });
  const proofs = new Map<string, Promise<void>>();
  const find = async (id: string) => {
    // Ids become file names: what is none of ours never reaches the disk.
    if (!isUuid(id)) return undefined;
    try {
      return await datastore.getUpload(id);
    } catch (error) {
      if ([404, 410].includes((error as { status_code?: number }).status_code ?? 0)) return undefined;
      // A kill while the note was written leaves half of it: whoever began that upload never learnt its id.
      if (error instanceof SyntaxError) return undefined;
      throw error;
    }
  };
  const ownerOf = async (id: string) => (await find(id))?.metadata?.['owner'] ?? undefined;

  /** Compares a complete upload with what was announced, once in the life of this process: what counts is what lies on the disk, not what passed by. */
  function prove(id: string): Promise<void> {
    const begun = proofs.get(id) ?? compare(id);
    proofs.set(id, begun);
    // A proof that could not be made is tried again by whoever asks next.
    begun.catch(() => proofs.delete(id));
    return begun;
  }

  async function compare(id: string): Promise<void> {
    const upload = await find(id);
    const expected = announcedDigest(upload?.metadata);
    if (upload?.size === undefined || upload.offset < upload.size || expected === undefined) {
      proofs.delete(id);
      return;
    }
    const hash = createHash('sha256');
    await pipeline(createReadStream(join(folder, id)), hash);
    const actual = digestFrom(hash);
    if (actual === expected) return;
    await datastore.remove(id);
    throw new WaybillError('upload-digest-differs', { upload: id, expected, actual });
  }

  const accounts = new WeakMap<Request, string>();
  const tus = new Server({
    path: UPLOADS_PATH,
    datastore,
    maxSize: UPLOAD_LIMIT,
    relativeLocation: true,
    allowedOrigins: [],
    namingFunction: () => randomUUID(),
    onUploadCreate: (request, upload) => {
      const sha256 = refusably(() => announcedDigest(upload.metadata));
      return Promise.resolve({
        metadata: {
          name: nameOf(upload.metadata),
          owner: accounts.get(request) ?? '',
          ...(sha256 === undefined ? {} : { sha256 }),
        },
      });
    },
  });
  return {
    async handle(request, account) {
      accounts.set(request, account);
      const announced = request.method === 'POST' ? Number(request.headers.get('upload-length')) : 0;
      if (announced <= UPLOAD_LIMIT) await mustHaveRoom(folder, announced);
      // Whoever asks may have lost the answer to the last byte: nothing is called complete here before it is proven.
      if (request.method === 'HEAD') await prove(idIn(request.url));
      const response = await tus.handleWeb(request);
      // The store says only that it could not write.
      if (response.status === 500) await mustHaveRoom(folder, LEAST_ROOM);
      const written = writtenBy(request, response);
      if (written !== undefined) {
        await flush(join(folder, written));
        await prove(written);
      }
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
      await prove(id);
      const digest = announcedDigest(metadata);
      return { file: id, name: metadata['name'] ?? id, ...(digest === undefined ? {} : { digest }) };
    },
    async list(account, sha256) {
      const found = await Promise.all((await uploadIds(folder)).map(find));
      return found
        .flatMap((upload) => (upload?.metadata?.['owner'] === account ? [stateOf(upload)] : []))
        .filter((upload) => sha256 === undefined || upload.sha256 === sha256)
        .sort((a, b) => (b.created ?? '').localeCompare(a.created ?? ''));
    },
    removeExpired: () => removeAbandoned(folder, Date.now() - EXPIRY_MS),
  };
}

type Found = Awaited<ReturnType<FileStore['getUpload']>>;

function stateOf({ id, size, offset, metadata, creation_date: created }: Found): UploadState {
  const sha256 = announcedDigest(metadata);
  return {
    id,
    name: metadata?.['name'] ?? id,
    received: offset,
    ...(size === undefined ? {} : { size }),
    ...(sha256 === undefined ? {} : { sha256 }),
    ...(created === undefined ? {} : { created }),
  };
}

/** The upload that a request of the protocol has added bytes to, or begun. */
function writtenBy(request: Request, response: Response): string | undefined {
  if (request.method === 'PATCH' && response.status === 204) return idIn(request.url);
  if (request.method === 'POST' && response.status === 201) return idIn(response.headers.get('location') ?? '');
  return undefined;
}

/** The protocol's server answers 400 with the sentence. */
function refusably<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    const body = error instanceof Error ? error.message : String(error);
    throw Object.assign(new Error(body, { cause: error }), { status_code: 400, body });
  }
}

const idIn = (url: string): string => new URL(url, 'http://waybill').pathname.slice(UPLOADS_PATH.length + 1);

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
