import type { Readable } from 'node:stream';
import { WaybillError } from '@waybill/kernel';
import { gunzip, type Staging } from '@waybill/content-store';
import { defaultLimits, type PackagedImage, type ReadLimits } from '../package.js';
import { fileKind, KIND_BYTES, kindInWords } from '../tar/fileKind.js';
import { naming } from '../tar/naming.js';
import { peek } from '../tar/peek.js';
import { budget, spending } from './budget.js';
import { readImages } from './readImages.js';

/**
 * Reads an image archive as `docker save` writes it (either form) or an OCI layout in a tar, uncompressed or gzip'ed, into the staging area:
 * layers as layers, image configurations as blobs. Every layer is checked against its image's configuration, every configuration against its name.
 * Layers that no image names are staged too: commit what the images name only. On failure the caller discards the staging area.
 * `name` is what messages call the archive; `onProgress` gets bytes of the stream.
 * @throws WaybillError `package-empty`, `package-image-invalid`, `package-layer-mismatch`, `package-layer-missing`, `package-config-mismatch`,
 * `package-truncated`, `package-damaged`, `package-entry-refused`, `package-duplicate-entry`, `package-link-escapes`, `package-limit-exceeded`,
 * `package-not-a-template` when the file is something else; `disk-full`; the signal's reason
 */
export async function readImageArchive(
  stream: Readable,
  staging: Staging,
  options: {
    readonly name?: string;
    readonly limits?: ReadLimits;
    readonly onProgress?: (bytes: number) => void;
    readonly signal?: AbortSignal;
  } = {},
): Promise<readonly PackagedImage[]> {
  const { name = 'The image archive', limits = defaultLimits, onProgress, signal } = options;
  let read = 0;
  const spent = budget(limits, () => read);
  async function* incoming() {
    // Whoever feeds the stream is to hear why it was not read to its end, not that it was closed: so it is destroyed last.
    for await (const chunk of stream.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>) {
      signal?.throwIfAborted();
      read += chunk.length;
      onProgress?.(read);
      yield chunk;
    }
  }
  try {
    const { first, whole } = await peek(incoming(), KIND_BYTES);
    const kind = fileKind(first);
    if (kind === 'empty') throw new WaybillError('package-empty', { file: name });
    if (kind !== 'gzip' && kind !== 'tar')
      throw new WaybillError('package-not-a-template', {
        file: name,
        what: kindInWords[kind],
        advice: 'An image archive is a tar file as docker save writes it.',
      });
    const archive = kind === 'gzip' ? naming(gunzip(whole), name) : whole;
    const images = await readImages(spending(archive, spent, name), name, { staging, limits, budget: spent });
    if (images.length === 0) throw new WaybillError('package-empty', { file: name });
    return images;
  } finally {
    stream.destroy();
  }
}
