import { canonicalJson, isDigest, templateKey, WaybillError, type CanonicalValue } from '@waybill/kernel';
import { CYCLONEDX } from '../sbom.js';
import { isSourceFormat } from '../sourceFormat.js';
import { inOrder, type DescribedImage, type PackageDescription, type WithdrawnVersion } from './description.js';

const MAX_IMAGES = 10_000;
const MAX_LAYERS = 1_000;
const MAX_TEXT = 100_000;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z$/;

/**
 * Reads `waybill.json`: canonical JSON of exactly the members that are known, for what is not understood cannot be vouched for.
 * @throws WaybillError `package-description-invalid`
 */
export function parseDescription(bytes: Uint8Array): PackageDescription {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw invalid('/', 'it is no JSON', cause);
  }
  const description = descriptionIn(value);
  mustBeOfOthers(description);
  if (!Buffer.from(canonicalJson(description as unknown as CanonicalValue)).equals(bytes))
    throw invalid('/', 'it is not written in canonical form, or holds what is not known');
  return description;
}

function descriptionIn(value: unknown): PackageDescription {
  const root = members(value, '');
  if (root['schema'] !== 1) throw invalid('/schema', 'this Waybill reads schema 1 only; a later one may read it');
  const publisher = members(root['publisher'], '/publisher');
  const template = members(root['template'], '/template');
  const source = members(root['source'], '/source');
  const format = text(source['format'], '/source/format');
  if (!isSourceFormat(format)) throw invalid('/source/format', 'it is neither ram nor compose');
  const notes = root['notes'];
  return {
    schema: 1,
    publisher: {
      id: digestAt(publisher['id'], '/publisher/id'),
      name: text(publisher['name'], '/publisher/name'),
      root: count(publisher['root'], '/publisher/root'),
    },
    template: { key: keyAt(template['key']), name: text(template['name'], '/template/name') },
    version: text(root['version'], '/version'),
    manifest: digestAt(root['manifest'], '/manifest'),
    manifestSchema: count(root['manifestSchema'], '/manifestSchema'),
    published: time(root['published'], '/published'),
    ...(notes === undefined ? {} : { notes: text(notes, '/notes') }),
    source: { format, digest: digestAt(source['digest'], '/source/digest') },
    images: list(root['images'], '/images', MAX_IMAGES, imageIn),
    withdrawn: list(root['withdrawn'], '/withdrawn', MAX_IMAGES, withdrawnIn),
  };
}

/** In one order, each once, and none that the package itself carries: it would be offered and withdrawn at the same time. */
function mustBeOfOthers({ version, manifest, withdrawn }: PackageDescription): void {
  for (const [index, one] of withdrawn.entries()) {
    const before = withdrawn[index - 1];
    if (before !== undefined && !inOrder(before, one))
      throw invalid(`/withdrawn/${index}`, 'withdrawals are not sorted, or stand there twice');
    if (one.version === version || one.manifest === manifest)
      throw invalid(`/withdrawn/${index}`, 'a package does not withdraw the version that it carries');
  }
}

function imageIn(value: unknown, at: string): DescribedImage {
  const image = members(value, at);
  return {
    config: digestAt(image['config'], `${at}/config`),
    os: text(image['os'], `${at}/os`),
    architecture: text(image['architecture'], `${at}/architecture`),
    references: list(image['references'], `${at}/references`, MAX_LAYERS, text),
    layers: list(image['layers'], `${at}/layers`, MAX_LAYERS, (layer, where) => {
      const { diffId, size } = members(layer, where);
      return { diffId: digestAt(diffId, `${where}/diffId`), size: count(size, `${where}/size`) };
    }),
    sboms: sbomsIn(image['sboms'], `${at}/sboms`),
  };
}

function sbomsIn(value: unknown, at: string): DescribedImage['sboms'] {
  const sboms = list(value, at, MAX_LAYERS, (sbom, where) => {
    const { digest, mediaType, size } = members(sbom, where);
    if (mediaType !== CYCLONEDX) throw invalid(`${where}/mediaType`, `this Waybill knows ${CYCLONEDX} only`);
    return { digest: digestAt(digest, `${where}/digest`), mediaType, size: count(size, `${where}/size`) };
  });
  for (const [index, { digest }] of sboms.entries())
    if (index > 0 && (sboms[index - 1]?.digest ?? '') >= digest)
      throw invalid(`${at}/${index}`, 'bills of materials are not sorted, or stand there twice');
  return sboms;
}

function withdrawnIn(value: unknown, at: string): WithdrawnVersion {
  const { version, manifest, reason, at: when } = members(value, at);
  return {
    version: text(version, `${at}/version`),
    manifest: digestAt(manifest, `${at}/manifest`),
    reason: text(reason, `${at}/reason`),
    at: time(when, `${at}/at`),
  };
}

function members(value: unknown, at: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw invalid(at || '/', 'an object is expected');
  return value as Readonly<Record<string, unknown>>;
}

function list<T>(value: unknown, at: string, most: number, item: (value: unknown, at: string) => T): readonly T[] {
  if (!Array.isArray(value) || value.length > most) throw invalid(at, `a list of at most ${most} is expected`);
  return value.map((one, index) => item(one, `${at}/${index}`));
}

function text(value: unknown, at: string): string {
  if (typeof value !== 'string' || value.length > MAX_TEXT) throw invalid(at, 'a text is expected');
  return value;
}

function count(value: unknown, at: string): number {
  if (!Number.isSafeInteger(value) || (value as number) < 0) throw invalid(at, 'a whole number is expected');
  return value as number;
}

function digestAt(value: unknown, at: string) {
  if (typeof value !== 'string' || !isDigest(value)) throw invalid(at, 'a digest is expected');
  return value;
}

function time(value: unknown, at: string): string {
  if (typeof value !== 'string' || !TIME.test(value)) throw invalid(at, 'a time in UTC is expected');
  return value;
}

function keyAt(value: unknown) {
  try {
    return templateKey(text(value, '/template/key'));
  } catch (cause) {
    throw invalid('/template/key', 'it is no key', cause);
  }
}

const invalid = (at: string, reason: string, cause?: unknown) =>
  new WaybillError('package-description-invalid', { at, reason }, { cause });
