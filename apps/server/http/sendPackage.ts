import { dirname, basename } from 'node:path';
import type { ExportedBytes, ExportedPackage } from '@waybill/catalog';
import { WaybillError } from '@waybill/kernel';
import type { Response } from 'express';

/**
 * Gives a package out, whole or the range that was asked for; resolves when it is out, or the caller has gone.
 * @throws WaybillError `range-not-satisfiable`, `export-not-ready`
 */
export function sendPackage(exported: ExportedPackage, response: Response): Promise<void> {
  const { path, at, size } = exported;
  const headers = headersOf(exported);
  for (const [header, value] of Object.entries(headers)) response.setHeader(header, value);
  // `fetch` sends it whenever a caller says what it has, and means caches on the way.
  delete response.req.headers['cache-control'];
  return new Promise((resolve, reject) => {
    const options = {
      ...({ root: dirname(path), dotfiles: 'allow', lastModified: false, cacheControl: false } as const),
      // A part is a range of the file; a range of the part is one within.
      ...(at === undefined ? {} : { start: at, end: at + size - 1 }),
    };
    response.sendFile(basename(path), options, (error?: Error | null) => {
      if (error === undefined || error === null || response.headersSent) {
        resolve();
        return;
      }
      for (const header of Object.keys(headers)) response.removeHeader(header);
      reject(inWords(error, exported));
    });
  });
}

/** Gives a small file out, whole. */
export function sendBytes(file: ExportedBytes, response: Response): void {
  for (const [header, value] of Object.entries(headersOf(file))) response.setHeader(header, value);
  response.send(Buffer.from(file.bytes));
}

const headersOf = ({ name, digest }: Pick<ExportedPackage, 'name' | 'digest'>) => ({
  ETag: `"${digest}"`,
  'Content-Type': 'application/octet-stream',
  'Content-Disposition': attachment(name),
  'Cache-Control': 'private, no-transform',
});

/** RFC 6266 with RFC 8187: those who read no UTF-8 get a name without what could be misread. */
export function attachment(name: string): string {
  const plain = name.replaceAll(/[^\x20-\x7e]|["%\\/]/g, '_');
  const encoded = encodeURIComponent(name.toWellFormed()).replaceAll(
    /['()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `attachment; filename="${plain}"; filename*=UTF-8''${encoded}`;
}

function inWords(error: Error, { id, size }: ExportedPackage): Error {
  const { status, code } = error as { readonly status?: number; readonly code?: string };
  if (status === 416) return new WaybillError('range-not-satisfiable', { size }, { cause: error });
  if (code === 'ENOENT' || status === 404)
    return new WaybillError('export-not-ready', { export: id, state: 'without its file' }, { cause: error });
  return error;
}
