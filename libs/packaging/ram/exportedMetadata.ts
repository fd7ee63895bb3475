import type { Digest } from '@waybill/kernel';
import { isJsonList, isJsonObject, isNumberLiteral, numberText, type JsonObject, type JsonValue } from './json.js';

/** Where a package says which manifest its author's Waybill made of it; it counts only when the rest agrees. */
const ANNOTATION = 'waybill_manifest';
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
