import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { WaybillError } from '@waybill/kernel';
import { openPackageBytes, type PackageBytes } from '../file/packageBytes.js';
import { indexName, isIndexName, MAX_INDEX, namedPart } from '../parts/index.js';
import { otherPackages, type OtherPackage } from '../ram/otherPackages.js';
import { fileKind, KIND_BYTES, kindInWords } from '../tar/fileKind.js';
import { BLOCK, isZero, tarHeader } from '../tar/tarHeader.js';
import { isWaybillFormat } from '../waybill/isWaybillFormat.js';

/**
 * What reads a file further: as a package of the `waybill` format, as one of the reference system, as a request for
 * layers that a site lacks, or as the index of a split package. */
export type Recognised =
  | { readonly kind: 'waybill' | 'ram' | 'request' }
  | {
      readonly kind: 'parts';
      readonly index: string;
      readonly part?: { readonly name: string; readonly number: number };
    };

/** Entries of an archive that are looked at for what it is. */
const LOOKED_AT = 2_000;

/**
 * Tells by its first bytes and its surroundings what reads a file, and calls by its name what nothing here reads. Whatever is gzip'ed or zipped is for
 * the reader of `ram` packages, who names others himself.
 * @throws WaybillError `package-not-found`, `package-empty`, `package-not-a-template` with what it is and what to do with it
 */
export async function recognise(path: string): Promise<Recognised> {
  const name = basename(path);
  const other = ({ what, advice }: OtherPackage) =>
    new WaybillError('package-not-a-template', { file: name, what, advice });
  if (await isDirectory(path)) throw other(await folderIn(path));
  const part = namedPart(name);
  if (part !== undefined) {
    const index = join(dirname(path), indexName(part.package));
    if (await isFile(index)) return { kind: 'parts', index, part: { name, number: part.number } };
  }
  const bytes = await openPackageBytes(path);
  try {
    if (bytes.size === 0) throw new WaybillError('package-empty', { file: name });
    if (part !== undefined)
      throw other({
        what: `part ${String(part.number)} of a split package, by its name`,
        advice: `Put ${indexName(part.package)}, which came with it, beside it.`,
      });
    const found = await readerOf(bytes, name);
    if ('what' in found) throw other(found);
    return found.kind === 'parts' ? { kind: 'parts', index: path } : { kind: found.kind };
  } finally {
    await bytes.close();
  }
}

async function readerOf(
  bytes: PackageBytes,
  name: string,
): Promise<{ readonly kind: Recognised['kind'] } | OtherPackage> {
  if (await isWaybillFormat(bytes)) return { kind: 'waybill' };
  const first = await bytes.read(0, Math.min(KIND_BYTES, bytes.size));
  const kind = fileKind(first);
  switch (kind) {
    case 'gzip':
    case 'zip':
      return { kind: 'ram' };
    case 'tar':
      return tarIn(bytes);
    case 'json':
      return (isIndexName(name) || first.includes('"partSize"')) && bytes.size <= MAX_INDEX
        ? { kind: 'parts' }
        : jsonIn(bytes);
    case 'text':
      if (/^(services|x-waybill)\s*:/m.test(first.toString('latin1'))) return COMPOSE;
      return { what: kindInWords[kind], advice: NOT_OURS };
    default:
      return { what: kindInWords[kind], advice: NOT_OURS };
  }
}

const NOT_OURS = 'It is no package of an application; ask whoever gave it to you for the package itself.';
const COMPOSE: OtherPackage = {
  what: 'a Compose file',
  advice: 'It is what versions are published from: waybill publish FILE --template KEY --version V --from engine.',
};

/** An archive is told by the names in it, hopping from header to header. */
async function tarIn(bytes: PackageBytes): Promise<OtherPackage> {
  const others = otherPackages();
  let isPackage = false;
  for (let at = 0, count = 0; at + BLOCK <= bytes.size && count < LOOKED_AT; count += 1) {
    const block = await bytes.read(at, BLOCK);
    const header = isZero(block) ? undefined : tarHeader(block);
    if (header?.size === undefined) break;
    const name = Buffer.from(header.name).toString('utf8').replace(/^\.\//, '');
    isPackage ||= /^[^/]+\/metadata\.json$/.test(name);
    others.see(name);
    at += BLOCK + Math.ceil(header.size / BLOCK) * BLOCK;
  }
  if (isPackage)
    return {
      what: 'a package of the reference system, but unpacked from gzip',
      advice: 'Compress it again: gzip FILE.',
    };
  return others.found() ?? { what: kindInWords.tar, advice: NOT_OURS };
}

const FOLDERS: readonly (readonly [readonly string[], OtherPackage])[] = [
  [
    ['metadata.json', 'component-images.tar'],
    {
      what: 'the unpacked folder of a package of the reference system',
      advice: 'Pack it again, from the folder above: tar -czf NAME.tar.gz NAME.',
    },
  ],
  [
    ['waybill.json', 'SHA256SUMS'],
    { what: 'the unpacked folder of a package of the waybill format', advice: 'Name the file it was unpacked from.' },
  ],
  [
    ['oci-layout'],
    {
      what: 'a folder with images (an OCI image layout)',
      advice: 'It carries images without a template; publish a template and give the images as an archive.',
    },
  ],
  [
    ['Chart.yaml'],
    {
      what: 'the folder of a Helm chart',
      advice: 'It is for Kubernetes and cannot be imported; export the application as a ram package.',
    },
  ],
];

const COMPOSE_NAMES = ['docker-compose.yml', 'docker-compose.yaml', 'compose.yml', 'compose.yaml'];

async function folderIn(path: string): Promise<OtherPackage> {
  const names = new Set(await readdir(path));
  const known = FOLDERS.find(([needed]) => needed.every((name) => names.has(name)));
  if (known !== undefined) return known[1];
  const compose = COMPOSE_NAMES.find((name) => names.has(name));
  if (compose !== undefined)
    return {
      what: 'a folder with a Compose file',
      advice: `It runs with Docker Compose. To make a version of it: waybill publish ${compose} --template KEY --version V --from engine.`,
    };
  const [index] = [...names].filter(isIndexName);
  return {
    what: 'a folder',
    advice: index === undefined ? 'Name a file in it.' : `Name the index of the split package in it: ${index}.`,
  };
}

/** Files that Waybill writes or reads itself, by what stands at their beginning or end. */
const JSON_FILES: readonly (readonly [RegExp, OtherPackage])[] = [
  [
    /"application\/vnd\.waybill\.inventory\+json"/,
    {
      what: 'the inventory of a site',
      advice: 'Give it to waybill export --base FILE, or to waybill inspect PACKAGE --inventory FILE.',
    },
  ],
  [
    /"application\/vnd\.waybill\.publisher-root\+json"/,
    {
      what: 'the roots of a publisher',
      advice: 'Give it to waybill trust add FILE, or to waybill inspect PACKAGE --trust FILE.',
    },
  ],
  [
    /"bomFormat"\s*:\s*"CycloneDX"/,
    {
      what: 'a bill of materials (CycloneDX)',
      advice: 'Attach it to an image of a version: waybill template attach-sbom TEMPLATE VERSION IMAGE=FILE.',
    },
  ],
  [
    /"group_key"\s*:|"group_version"\s*:/,
    {
      what: 'metadata.json of a package of the reference system',
      advice: 'Publish it: waybill publish FILE --images ARCHIVE.',
    },
  ],
];

/** Its lists may be long; it is canonical JSON, so what is short stands behind them. */
const REQUEST = /^\{"layers":\[[^]*"schema":\d+,"template":"[^"]*","version":"[^"]*"\}\s*$/;

/** What an envelope is stands behind its payload. */
async function jsonIn(bytes: PackageBytes): Promise<{ readonly kind: 'request' } | OtherPackage> {
  const length = Math.min(4096, bytes.size);
  const ends = Buffer.concat([await bytes.read(0, length), await bytes.read(bytes.size - length, length)]);
  const text = ends.toString('latin1');
  if (REQUEST.test(text)) return { kind: 'request' };
  const known = JSON_FILES.find(([pattern]) => pattern.test(text));
  return known?.[1] ?? { what: kindInWords.json, advice: NOT_OURS };
}

async function isDirectory(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (cause) {
    throw new WaybillError('package-not-found', { path }, { cause });
  }
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch {
    // Whatever keeps us from it: it is not beside the part.
    return false;
  }
}
