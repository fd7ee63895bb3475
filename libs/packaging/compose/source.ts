import { canonicalJson, isDigest, withoutUndefined, type Digest } from '@waybill/kernel';
import { isJsonObject, type JsonValue } from '../ram/json.js';
import { invalid, parseStrictJson } from '../ram/strictJson.js';
import { defaultLimits, type ReadLimits } from '../package.js';

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
}

/** The document's bytes: canonical JSON. */
export const composeSourceBytes = ({ schema, compose, files, ...rest }: ComposeSource): Uint8Array =>
  Buffer.from(canonicalJson({ schema, compose, files, ...withoutUndefined(rest) }));

const MEMBERS: readonly string[] = ['schema', 'compose', 'files', 'template', 'version', 'images'];

/** @throws WaybillError `package-metadata-invalid` with a JSON pointer, `package-limit-exceeded` */
export function parseComposeSource(bytes: Uint8Array, limits: ReadLimits = defaultLimits): ComposeSource {
  const { metadataBytes, jsonDepth: depth, jsonValues: values } = limits;
  const value = parseStrictJson(bytes, { bytes: metadataBytes, depth, values }, 'the Compose source');
  if (!isJsonObject(value)) throw invalid('', 'an object was expected');
  const unknown = Object.keys(value).find((name) => !MEMBERS.includes(name));
  if (unknown !== undefined) throw invalid(`/${unknown}`, 'a Compose source has no such member');
  if (value['schema'] !== 1) throw invalid('/schema', 'only schema 1 is known');
  const { template, version, images } = value;
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
