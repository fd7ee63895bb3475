import { Readable } from 'node:stream';
import { hasCode, WaybillError } from '@waybill/kernel';
import type { StagedLayer, Staging } from '@waybill/content-store';
import type { ReadLimits } from '../package.js';
import { fileKind, type FileKind, KIND_BYTES, kindInWords } from '../tar/fileKind.js';
import { peek } from '../tar/peek.js';
import { readTar, type TarEntry } from '../tar/readTar.js';
import { inOnePiece } from '../tar/inOnePiece.js';
import type { Budget } from './budget.js';
import { limited } from '../limited.js';

/** What an entry of an image archive turned out to be, told by its content: what refers to it comes last in most archives. */
export type Found =
  | { readonly kind: 'json'; readonly bytes: Uint8Array }
  | { readonly kind: 'layer'; readonly layer: StagedLayer }
  | { readonly kind: 'link'; readonly target: string }
  /** JSON, but more of it than is read. */
  | { readonly kind: 'too-large' }
  | { readonly kind: 'unusable'; readonly what: string };

export interface ReadingContext {
  readonly staging: Staging;
  readonly limits: ReadLimits;
  readonly budget: Budget;
}

/** What the JSON of one archive may take in memory, in files of the largest size allowed. */
const JSON_FILES = 8;

/** Reads an image archive once: layers go to the staging area, small JSON is kept in memory, all else is passed over. */
export async function collectEntries(
  archive: AsyncIterable<Uint8Array>,
  name: string,
  context: ReadingContext,
): Promise<ReadonlyMap<string, Found>> {
  const { limits } = context;
  const found = new Map<string, Found>();
  let held = 0;
  let layers = 0;
  for await (const entry of readTar(archive, name, limits)) {
    const item = await collect(entry, context);
    if (item === undefined) continue;
    found.set(entry.name, item);
    if (item.kind === 'layer') limited(`The number of layers in ${name}`, ++layers, limits.layers, entry.name);
    if (item.kind === 'json') held += item.bytes.length;
    limited(`The size of all JSON in ${name} in bytes`, held, JSON_FILES * limits.jsonBytes, entry.name);
  }
  return found;
}

async function collect(entry: TarEntry, context: ReadingContext): Promise<Found | undefined> {
  if (entry.target !== undefined) return { kind: 'link', target: entry.target };
  if (entry.kind !== 'file' || isLegacyDescription(entry.name)) return undefined;
  const { first, whole } = await peek(entry.bytes, KIND_BYTES);
  const kind = kindOf(entry.name, first);
  if (kind === 'json' && isAttestation(first)) return { kind: 'unusable', what: 'an attestation' };
  switch (kind) {
    case 'json':
      return entry.size > context.limits.jsonBytes
        ? { kind: 'too-large' }
        : { kind: 'json', bytes: await inOnePiece(whole, entry.size) };
    case 'tar':
    case 'gzip':
      return { kind: 'layer', layer: await putLayer(entry, whole, kind, context) };
    default:
      return { kind: 'unusable', what: kindInWords[kind] };
  }
}

/** Some writers' tar headers have no format mark; then the name decides. */
function kindOf(name: string, first: Uint8Array): FileKind {
  const kind = fileKind(first);
  return name.endsWith('.tar') && (kind === 'other' || kind === 'text') ? 'tar' : kind;
}

/** Statements about how an image was built are as long as a list of all its files, and nothing here reads them. */
const isAttestation = (first: Uint8Array) => Buffer.from(first).includes('"https://in-toto.io/Statement/');

/** `<v1 id>/json` and `<v1 id>/VERSION` describe layers for engines of long ago. */
const isLegacyDescription = (name: string) => /^[^/]+\/(json|VERSION)$/.test(name);

async function putLayer(
  entry: TarEntry,
  bytes: AsyncIterable<Uint8Array>,
  kind: 'tar' | 'gzip',
  { staging, limits, budget }: ReadingContext,
): Promise<StagedLayer> {
  if (entry.size > limits.layerBytes) throw tooLarge(entry.name, limits.layerBytes);
  // A raw layer was counted when the archive around it was unpacked.
  const maxBytes = kind === 'tar' ? limits.layerBytes : Math.min(limits.layerBytes, budget.left());
  try {
    const layer = await staging.putLayer(Readable.from(bytes, { objectMode: false }), { maxBytes, size: entry.size });
    if (kind === 'gzip') budget.spend(layer.size, entry.name);
    return layer;
  } catch (error) {
    throw inWords(error, entry.name, maxBytes);
  }
}

/** The content store knows no names. */
function inWords(error: unknown, name: string, maxBytes: number): unknown {
  if (hasCode(error, 'package-limit-exceeded')) return tooLarge(name, maxBytes);
  if (!hasCode(error, 'package-damaged') && !hasCode(error, 'package-truncated')) return error;
  if (error.details['file'] !== 'It') return error;
  return new WaybillError(error.code, { ...error.details, file: `The layer ${name}` }, { cause: error });
}

const tooLarge = (entry: string, limit: number) =>
  new WaybillError('package-limit-exceeded', { what: 'The size of a layer in bytes', limit, entry });
