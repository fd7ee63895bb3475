import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Inject, Injectable } from '@nestjs/common';
import { forgetUpload, type FileLocation } from '@waybill/catalog';
import { WaybillError } from '@waybill/kernel';
import { defaultLimits } from '@waybill/packaging';
import type { Request } from 'express';
import { PARTS, type Parts } from '../parts.js';
import { requestInfo } from './requestInfo.js';

/** Files that requests name: uploads of the caller, or paths on the server. */
@Injectable()
export class Files {
  constructor(@Inject(PARTS) private readonly parts: Pick<Parts, 'uploads' | 'folder' | 'catalog'>) {}

  /** @throws WaybillError `upload-not-found`, `upload-incomplete`, `invalid-request` when both are named */
  async locate(named: { readonly upload?: string; readonly path?: string }, request: Request): Promise<FileLocation> {
    const { upload, path } = named;
    if (path !== undefined && upload !== undefined)
      throw new WaybillError('invalid-request', { reason: 'name either an upload or a path.' });
    if (path !== undefined) return { kind: 'path', path };
    const id = upload ?? '';
    // An upload is removed once it was used. Whoever repeats a request must get its answer all the same, so a missing one is left to the command.
    if ((await this.parts.uploads.ownerOf(id)) === undefined) return { kind: 'upload', file: id, name: id };
    return { kind: 'upload', ...(await this.parts.uploads.complete(id, accountOf(request))) };
  }

  /** Removes uploads that have served their purpose. Only when the answer is out: whoever repeats the request meanwhile must find them. */
  forget(files: readonly FileLocation[], request: Request): void {
    for (const file of files)
      forgetUpload(this.parts.catalog, file).catch((error: unknown) =>
        requestInfo(request).log.error({ err: error }, 'could not remove an upload that was used'),
      );
  }

  /** The bytes of a small upload. @throws WaybillError `upload-not-found`, `upload-incomplete`, `body-too-large` */
  async read(upload: string, request: Request): Promise<Uint8Array> {
    const { file } = await this.parts.uploads.complete(upload, accountOf(request));
    const path = join(this.parts.folder.uploads, file);
    const limit = defaultLimits.metadataBytes;
    if ((await stat(path)).size > limit) throw new WaybillError('body-too-large', { limit });
    return readFile(path);
  }
}

const accountOf = (request: Request): string => requestInfo(request).identity?.account ?? '';
