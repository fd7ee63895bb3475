import type { Digest } from '@waybill/kernel';
import { defaultLimits } from '../package.js';
import { isJsonList, isJsonObject, isNumberLiteral, numberText, type JsonObject, type JsonValue } from './json.js';
import { parseStrictJson } from './strictJson.js';

/** Where a package says which manifest its author's Waybill made of it; it counts only when the rest agrees. */
const ANNOTATION = 'waybill_manifest';
const VERSION = 'group_version';
/** Members that hold the access to a registry. */
const REGISTRIES: readonly string[] = ['service_image', 'plugin_image'];

/** `metadata.json` for others: as it came, but without access to registries, on one line as the reference system writes it. */
export function exportedMetadata(source: JsonObject, manifest: Digest): string {
  const annotations = source['annotations'];
  return write({
    ...withoutRegistries(source),
    annotations: {
      ...(annotations !== undefined && isJsonObject(annotations) ? annotations : {}),
      [ANNOTATION]: manifest,
    },
  });
}

/** The stored `metadata.json`, which was read before. */
export function sourceObject(bytes: Uint8Array): JsonObject {
  const { jsonDepth: depth, jsonValues: values } = defaultLimits;
  const source = parseStrictJson(bytes, { bytes: bytes.length, depth, values });
  if (!isJsonObject(source)) throw new Error('the stored source is no object');
  return source;
}

/** The source under the number that the version was taken under; as it came where that is its own. */
export function renumbered(bytes: Uint8Array, version: string): Uint8Array {
  const source = sourceObject(bytes);
  return source[VERSION] === version ? bytes : Buffer.from(write({ ...source, [VERSION]: version }));
}

function withoutRegistries(source: JsonObject): JsonObject {
  const parts = (value: JsonValue | undefined): JsonValue | undefined =>
    value !== undefined && isJsonList(value) ? value.map((part) => (isJsonObject(part) ? blanked(part) : part)) : value;
  const [apps, plugins] = [parts(source['apps']), parts(source['plugins'])];
  return { ...source, ...(apps === undefined ? {} : { apps }), ...(plugins === undefined ? {} : { plugins }) };
}

/** Every text in it emptied, every flag off: importers expect the members to be there. */
function blanked(part: JsonObject): JsonObject {
  const found = REGISTRIES.map((name) => [name, part[name]] as const).filter(
    (entry): entry is readonly [string, JsonObject] => entry[1] !== undefined && isJsonObject(entry[1]),
  );
  return { ...part, ...Object.fromEntries(found.map(([name, registry]) => [name, emptied(registry)])) };
}

const emptied = (registry: JsonObject): JsonObject =>
  Object.fromEntries(
    Object.entries(registry).map(([name, value]) => [
      name,
      typeof value === 'string' ? '' : value === true ? false : value,
    ]),
  );

/** Members in the order in which they stood, numbers as they were written. */
function write(value: JsonValue): string {
  if (isNumberLiteral(value)) return numberText(value);
  if (isJsonList(value)) return `[${value.map(write).join(',')}]`;
  if (isJsonObject(value))
    return `{${Object.entries(value)
      .map(([name, member]) => `${JSON.stringify(name)}:${write(member)}`)
      .join(',')}}`;
  return JSON.stringify(value);
}
