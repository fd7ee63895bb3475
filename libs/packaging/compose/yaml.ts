import { isAlias, isMap, isScalar, isSeq, parseDocument, type Document, type Node } from 'yaml';
import { WaybillError } from '@waybill/kernel';
import { pointerStep, type JsonObject, type JsonValue } from '../ram/json.js';
import { notCompose } from './problems.js';

const BYTES = 1024 ** 2;
const DEPTH = 32;
/** Aliases repeat what they name: a short text could become a long tree. */
const VALUES = 50_000;

/**
 * Reads YAML 1.2 strictly: no key twice, no tag, no second document; `<<` merges. Every scalar is a text as it was written, or null: `1.10` stays
 * `1.10`, and each reader says what it takes.
 * @throws WaybillError `compose-invalid`, `package-limit-exceeded`
 */
export function parseYaml(text: string): JsonValue {
  if (Buffer.byteLength(text) > BYTES) throw exceeded('The size of the Compose file in bytes', BYTES);
  const document = documentOf(text);
  const [error] = [...document.errors, ...document.warnings];
  if (error !== undefined) throw notCompose(lineOf(text, error.pos[0]), firstLine(error.message), error);
  let values = 0;

  const valueOf = (node: unknown, at: string, depth: number): JsonValue => {
    if (depth > DEPTH) throw exceeded('The depth of the Compose file', DEPTH, at);
    if (++values > VALUES) throw exceeded('The number of values in the Compose file', VALUES, at);
    if (node === null) return null;
    if (isAlias(node)) return valueOf(node.resolve(document), at, depth + 1);
    mustBePlain(node as Node, at);
    if (isScalar(node)) return scalar(node);
    if (isSeq(node)) return node.items.map((item, index) => valueOf(item, `${at}/${index}`, depth + 1));
    if (isMap(node)) return object(node.items, at, depth);
    throw notCompose(at, 'nothing known stands here');
  };

  function object(pairs: readonly { key: unknown; value: unknown }[], at: string, depth: number): JsonObject {
    const merged = Object.create(null) as Record<string, JsonValue>;
    const own = Object.create(null) as Record<string, JsonValue>;
    for (const { key, value } of pairs) {
      const name = isScalar(key) ? scalar(key) : undefined;
      if (typeof name !== 'string') throw notCompose(at, 'a key is a text');
      const read = valueOf(value ?? null, at + pointerStep(name), depth + 1);
      if (name !== '<<') own[name] = read;
      else
        for (const other of [read].flat().reverse()) {
          if (typeof other !== 'object' || other === null) throw notCompose(`${at}/<<`, 'a map was expected');
          Object.assign(merged, other);
        }
    }
    return Object.assign(merged, own);
  }

  return valueOf(document.contents, '', 0);
}

function documentOf(text: string): Document {
  try {
    // With this schema nothing is taken for a number or a date.
    return parseDocument(text, { schema: 'failsafe', uniqueKeys: true, strict: true, prettyErrors: false });
  } catch (cause) {
    if (cause instanceof RangeError) throw exceeded('The depth of the Compose file', DEPTH);
    throw notCompose('', 'it is not YAML', cause);
  }
}

function scalar({ value, source, type }: { value: unknown; source?: string; type?: string }): string | null {
  if (type === 'PLAIN' && ['', '~', 'null', 'Null', 'NULL'].includes(source ?? '')) return null;
  return typeof value === 'string' ? value : (source ?? null);
}

function mustBePlain(node: Node, at: string): void {
  if (node.tag !== undefined && !/^(?:tag:yaml\.org,2002:)(?:str|seq|map)$/.test(node.tag))
    throw notCompose(at, `the tag ${node.tag} is not read`);
}

const lineOf = (text: string, offset: number): string => `line ${text.slice(0, offset).split('\n').length}`;
const firstLine = (text: string): string => (text.split('\n')[0] ?? '').replace(/[.:]$/, '');

const exceeded = (what: string, limit: number, at = '') =>
  new WaybillError('package-limit-exceeded', { what, limit, entry: at === '' ? '/' : at });
