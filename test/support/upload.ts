import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { Upload } from 'tus-js-client';

export interface UploadOptions {
  readonly token?: string;
  /** Bytes of one request. */
  readonly chunkSize?: number;
  /** Give up after so many bytes; the address of the unfinished upload is answered. */
  readonly stopAfter?: number;
  /** Announced as the digest of the whole. */
  readonly sha256?: string;
  /** Go on with this one. */
  readonly resume?: string;
}

/** Sends a file as any client of the protocol does, and answers the upload's address. */
export async function uploadFile(
  server: { readonly url: string; readonly adminToken: string },
  file: string,
  options: UploadOptions = {},
): Promise<{ readonly url: string; readonly id: string; readonly sent: number }> {
  const { token = server.adminToken, chunkSize = Infinity, stopAfter, sha256, resume } = options;
  const { size } = await stat(file);
  let sent = 0;
  return new Promise((resolve, reject) => {
    const end = () => {
      const url = upload.url ?? '';
      resolve({ url, id: url.split('/').at(-1) ?? '', sent });
    };
    const upload = new Upload(createReadStream(file), {
      endpoint: `${server.url}/api/v1/uploads`,
      ...(resume === undefined ? {} : { uploadUrl: resume }),
      headers: { authorization: `Bearer ${token}` },
      uploadSize: size,
      chunkSize,
      metadata: { filename: basename(file), ...(sha256 === undefined ? {} : { sha256 }) },
      retryDelays: [],
      onError: reject,
      onSuccess: end,
      onChunkComplete: (chunk, accepted) => {
        sent += chunk;
        if (stopAfter !== undefined && accepted >= stopAfter && accepted < size) upload.abort().then(end, reject);
      },
    });
    upload.start();
  });
}
