import { canonicalJson, isDigest, withoutUndefined, type CanonicalValue, type Digest } from '@waybill/kernel';
import { isJsonObject, type JsonValue } from '../ram/json.js';
import { invalid, parseStrictJson } from '../ram/strictJson.js';
import { defaultLimits, type ReadLimits } from '../package.js';
import { isSourceFormat, type SourceFormat } from '../sourceFormat.js';

/**
 * What a version was published from: the Compose file, and the files it names, as they were written; the rest is what the publisher said beside
 * them. One document, from which anyone comes to the same manifest.
 */
export interface ComposeSource {
  readonly schema: 1;
  readonly compose: string;
  /** By their path beside the Compose file: no leading `./`, no `..`. */
  readonly files: Readonly<Record<string, string>>;
  /** Goes before what the file says. */
  readonly template?: string;
  readonly version?: string;
  /** The images that were meant by these references when the version was published. */
  readonly images?: Readonly<Record<string, Digest>>;
  /** Services that are components of other versions: what those were made from. */
  readonly taken?: Readonly<Record<string, TakenSource>>;
}

/** The source of the version that a component is taken from, as a text, and the image that it runs. */
export interface TakenSource {
  readonly format: SourceFormat;
  readonly source: string;
  readonly image?: Digest;
}

/** The document's bytes: canonical JSON. */
export const composeSourceBytes = ({ schema, compose, files, ...rest }: ComposeSource): Uint8Array =>
  // The interface only lacks the index signature of canonical JSON.
  Buffer.from(canonicalJson({ schema, compose, files, ...withoutUndefined(rest) } as unknown as CanonicalValue));

const MEMBERS: readonly string[] = ['schema', 'compose', 'files', 'template', 'version', 'images', 'taken'];

/** @throws WaybillError `package-metadata-invalid` with a JSON pointer, `package-limit-exceeded` */
export function parseComposeSource(bytes: Uint8Array, limits: ReadLimits = defaultLimits): ComposeSource {
  const { metadataBytes, jsonDepth: depth, jsonValues: values } = limits;
  const value = parseStrictJson(bytes, { bytes: metadataBytes, depth, values }, 'the Compose source');
  if (!isJsonObject(value)) throw invalid('', 'an object was expected');
  const unknown = Object.keys(value).find((name) => !MEMBERS.includes(name));
  if (unknown !== undefined) throw invalid(`/${unknown}`, 'a Compose source has no such member');
  if (value['schema'] !== 1) throw invalid('/schema', 'only schema 1 is known');
  const { template, version, images, taken } = value;
  const files = texts(value['files'] ?? null, '/files');
  for (const path of Object.keys(files))
    if (plainPath(path) !== path) throw invalid('/files', `"${path}" is no path below the folder of the Compose file`);
  return {
    schema: 1,
    compose: text(value['compose'] ?? null, '/compose'),
    files,
    ...(template === undefined ? {} : { template: text(template, '/template') }),
    ...(version === undefined ? {} : { version: text(version, '/version') }),
    ...(images === undefined ? {} : { images: digests(images, '/images') }),
    ...(taken === undefined ? {} : { taken: takenSources(taken) }),
  };
}

/** A path beside the Compose file in its one form; `undefined` when it leads out of its folder. */
export function plainPath(path: string): string | undefined {
  if (/^[/~]|[\0\\]/.test(path)) return undefined;
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  return parts.length === 0 || parts.includes('..') ? undefined : parts.join('/');
}

function texts(value: JsonValue, at: string): Readonly<Record<string, string>> {
  if (!isJsonObject(value)) throw invalid(at, 'an object was expected');
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, text(member, at)]));
}

function takenSources(value: JsonValue): Readonly<Record<string, TakenSource>> {
  if (!isJsonObject(value)) throw invalid('/taken', 'an object was expected');
  return Object.fromEntries(
    Object.entries(value).map(([service, entry]) => {
      const { format, source, image, ...unknown } = texts(entry, '/taken');
      if (!isSourceFormat(format) || source === undefined || Object.keys(unknown).length > 0)
        throw invalid('/taken', 'a format, a source and an image were expected');
      if (image !== undefined && !isDigest(image)) throw invalid('/taken', `"${image}" is no digest`);
      return [service, { format, source, ...(image === undefined ? {} : { image }) }];
    }),
  );
}

function digests(value: JsonValue, at: string): Readonly<Record<string, Digest>> {
  return Object.fromEntries(
    Object.entries(texts(value, at)).map(([name, digest]) => {
      if (!isDigest(digest)) throw invalid(at, `"${digest}" is no digest`);
      return [name, digest];
    }),
  );
}

function text(value: JsonValue, at: string): string {
  if (typeof value !== 'string') throw invalid(at, 'a text was expected');
  return value;
}
