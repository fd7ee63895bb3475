import { isWaybillError, WaybillError, type ErrorCode } from '@waybill/kernel';
import { gunzip, type Staging } from '@waybill/content-store';
import { openPackage, type PackageFile } from '../file/packageBytes.js';
import { budget, spending, type Budget } from '../image/budget.js';
import { manifestDigest } from '../manifestDigest.js';
import { defaultLimits, type InspectedRam, type ReadLimits } from '../package.js';
import { fileKind, KIND_BYTES, kindInWords } from '../tar/fileKind.js';
import { naming } from '../tar/naming.js';
import { peek } from '../tar/peek.js';
import { readTar, type TarEntry } from '../tar/readTar.js';
import { readDirectory } from '../zip/directory.js';
import { readZip } from '../zip/readZip.js';
import { normaliseRam } from './normaliseRam.js';
import { withFile, type OpenedFile, type ReadingOptions } from './packageFile.js';
import { parseRamMetadata } from './parseRamMetadata.js';
import { readContents, type RamContents } from './readContents.js';

/**
 * Reads a package of the reference system (`…-ram.tar.gz`, or the `.zip` of before 5.3) in one pass, never unpacking it: layers and image
 * configurations go to the staging area, and everything is checked before this resolves. Nothing may follow the end of the archive or of the gzip data.
 * Layers that no image names are staged too: commit what `images` name only. On failure the caller discards the staging area.
 * `onProgress` gets bytes of the file.
 * @throws WaybillError `package-not-found`, `package-empty`, `package-not-gzip`, `package-truncated`, `package-damaged`, `package-not-a-template`,
 * `package-no-metadata`, `package-metadata-invalid`, `package-entry-refused`, `package-duplicate-entry`, `package-link-escapes`,
 * `package-limit-exceeded`, `package-image-missing`, `package-image-invalid`, `package-layer-mismatch`, `package-layer-missing`,
 * `package-config-mismatch`, `template-invalid`, `disk-full`; the signal's reason
 */
export async function readRamPackage(
  file: PackageFile,
  staging: Staging,
  options: ReadingOptions & { readonly limits?: ReadLimits } = {},
): Promise<InspectedRam> {
  const limits = options.limits ?? defaultLimits;
  try {
    return await withFile(file, { ...options, time: limits.time }, async (opened) => {
      const contents = await contentsOf(file, opened, staging, limits);
      const { manifest, documents, notices } = normaliseRam(
        parseRamMetadata(contents.metadata, { limits }),
        contents.images,
        limits,
      );
      return {
        format: 'ram',
        file: { digest: opened.digest(), size: opened.size },
        manifest,
        manifestDigest: manifestDigest(manifest),
        source: contents.metadata,
        documents,
        images: contents.images,
        notices: [...contents.notices, ...notices],
      };
    });
  } catch (error) {
    if (mayBeDamage(error)) await expectSound(file, limits, options.signal, error);
    throw error;
  }
}

async function contentsOf(
  file: PackageFile,
  opened: OpenedFile,
  staging: Staging,
  limits: ReadLimits,
): Promise<RamContents> {
  const { name, size } = opened;
  const { first, whole } = await peek(opened.bytes, KIND_BYTES);
  const kind = fileKind(first);
  if (kind === 'empty') throw new WaybillError('package-empty', { file: name });
  const spent = budget(limits, () => size);
  const context = { staging, limits, budget: spent };
  if (kind === 'zip')
    return readContents(zipEntries(file, { ...opened, bytes: whole }, limits, spent), name, context, 'apart');
  if (kind !== 'gzip') throw new WaybillError('package-not-gzip', { file: name, found: kindInWords[kind] });
  let place: string | undefined;
  const plain = await peek(
    spending(
      naming(gunzip(whole), name, () => place),
      spent,
      name,
    ),
    KIND_BYTES,
  );
  const inner = fileKind(plain.first);
  if (inner !== 'tar' && inner !== 'empty') {
    await plain.whole.return();
    throw new WaybillError('package-not-a-template', {
      file: name,
      what: `a gzip file with ${kindInWords[inner]} in it`,
      advice: 'A package is a gzip file with a tar archive in it.',
    });
  }
  async function* entries(): AsyncGenerator<TarEntry, void, undefined> {
    for await (const entry of readTar(plain.whole, name, limits)) {
      place = `"${entry.name}"`;
      yield entry;
    }
  }
  return readContents(entries(), name, context, 'together');
}

/** The directory at the end is read first, then the file once from its beginning. */
async function* zipEntries(
  file: PackageFile,
  { name, bytes }: Pick<OpenedFile, 'name'> & { readonly bytes: AsyncIterable<Uint8Array> },
  limits: ReadLimits,
  spent: Budget,
): AsyncGenerator<TarEntry, void, undefined> {
  const end = await openPackage(file);
  const records = await readDirectory(end, limits).finally(() => end.close());
  yield* readZip(bytes, name, records, { limits, budget: spent });
}

/** What a lie in the package and a bit that flipped on the way look alike in. */
const LOOKS_LIKE_DAMAGE: readonly ErrorCode[] = [
  'package-damaged',
  'package-not-a-template',
  'package-no-metadata',
  'package-metadata-invalid',
  'package-entry-refused',
  'package-duplicate-entry',
  'package-link-escapes',
  'package-image-missing',
  'package-image-invalid',
  'package-layer-mismatch',
  'package-layer-missing',
  'package-config-mismatch',
  'template-invalid',
];

const mayBeDamage = (error: unknown): error is WaybillError =>
  isWaybillError(error) && LOOKS_LIKE_DAMAGE.includes(error.code);

/** A package that was damaged on the way is to be copied again, not reported to its author: the checksums of gzip and zip tell which it is. */
async function expectSound(
  file: PackageFile,
  limits: ReadLimits,
  signal: AbortSignal | undefined,
  cause: WaybillError,
): Promise<void> {
  const { time } = limits;
  await withFile(file, signal === undefined ? { time } : { signal, time }, async (opened) => {
    const { name, size } = opened;
    const spent = budget(limits, () => size);
    const { first, whole } = await peek(opened.bytes, KIND_BYTES);
    try {
      const source =
        fileKind(first) === 'zip'
          ? zipEntries(file, { name, bytes: whole }, limits, spent)
          : spending(naming(gunzip(whole), name), spent, name);
      while ((await source.next()).done !== true);
    } catch (error) {
      if (!isWaybillError(error) || error.code === 'package-limit-exceeded') throw cause;
      throw new WaybillError(error.code, error.details, { cause });
    }
  });
}
