import { canonicalJson, type CanonicalValue } from '@waybill/kernel';
import { defaultLimits, type ReadLimits } from '../package.js';
import { isJsonList, isJsonObject, type JsonObject, type JsonValue } from '../ram/json.js';
import { invalid, parseStrictJson } from '../ram/strictJson.js';
import { isSourceFormat, type SourceFormat } from '../sourceFormat.js';

/** What a version was published from that goes on from another one: the source of that, and the values that were in effect where it ran. */
export interface AmendedSource {
  readonly schema: 1;
  readonly base: {
    readonly format: Exclude<SourceFormat, 'amended'>;
    /** As a text. */
    readonly source: string;
  };
  readonly version: string;
  /** Sorted by component and item, each once. */
  readonly changes: readonly Amendment[];
}

/** One value that goes before the source's. */
export interface Amendment {
  /** Key in the template; absent: a value that components share. */
  readonly component?: string;
  /** `env/NAME`, `file//path`, `memory`, `cpu`, `replicas`, `schedule`; of shared values `group/<name>/<item>`. */
  readonly item: string;
  /** Of numbers in decimal digits. */
  readonly value: string;
}

/** The document's bytes: canonical JSON. */
export const amendedSourceBytes = ({ schema, base, version, changes }: AmendedSource): Uint8Array =>
  Buffer.from(
    canonicalJson({
      schema,
      base: { ...base },
      version,
      changes: [...changes].sort((a, b) => (placeOf(a) < placeOf(b) ? -1 : 1)),
    } as unknown as CanonicalValue),
  );

/** Later changes go before earlier ones of the same value. */
export const mergedChanges = (earlier: readonly Amendment[], later: readonly Amendment[]): readonly Amendment[] => [
  ...new Map([...earlier, ...later].map((each) => [placeOf(each), each])).values(),
];

const placeOf = ({ component = '', item }: Amendment): string => `${component}\n${item}`;

/** @throws WaybillError `package-metadata-invalid` with a JSON pointer, `package-limit-exceeded` */
export function parseAmendedSource(bytes: Uint8Array, limits: ReadLimits = defaultLimits): AmendedSource {
  const { metadataBytes, jsonDepth: depth, jsonValues: values } = limits;
  const value = parseStrictJson(bytes, { bytes: metadataBytes, depth, values }, 'the amended source');
  const root = membersOf(value, '', ['schema', 'base', 'version', 'changes']);
  if (root['schema'] !== 1) throw invalid('/schema', 'only schema 1 is known');
  const { format, source } = membersOf(root['base'], '/base', ['format', 'source']);
  if (typeof format !== 'string' || !isSourceFormat(format) || format === 'amended')
    throw invalid('/base/format', 'it is neither ram nor compose');
  const { changes = null } = root;
  if (!isJsonList(changes)) throw invalid('/changes', 'a list was expected');
  const read: AmendedSource = {
    schema: 1,
    base: { format, source: text(source, '/base/source') },
    version: text(root['version'], '/version'),
    changes: changes.map((each, index) => changeIn(each, `/changes/${index}`)),
  };
  if (!Buffer.from(amendedSourceBytes(read)).equals(bytes))
    throw invalid('/', 'it is not written in canonical form, or its changes are not in order');
  return read;
}

function changeIn(value: JsonValue, at: string): Amendment {
  const { component, item, value: amended } = membersOf(value, at, ['component', 'item', 'value']);
  return {
    ...(component === undefined ? {} : { component: text(component, `${at}/component`) }),
    item: text(item, `${at}/item`),
    value: text(amended, `${at}/value`),
  };
}

function membersOf(value: JsonValue | undefined, at: string, known: readonly string[]): JsonObject {
  if (value === undefined || !isJsonObject(value)) throw invalid(at, 'an object was expected');
  const unknown = Object.keys(value).find((name) => !known.includes(name));
  if (unknown !== undefined) throw invalid(`${at}/${unknown}`, 'there is no such member');
  return value;
}

function text(value: JsonValue | undefined, at: string): string {
  if (typeof value === 'string') return value;
  throw invalid(at, 'a text was expected');
}
