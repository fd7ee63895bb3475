import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { fullFormats } from 'ajv-formats/dist/formats.js';
import { call, type Answer } from './call.js';
import type { TestServer } from './server.js';

export interface OperationObject {
  readonly 'x-roles'?: readonly string[] | string;
  readonly parameters?: readonly {
    readonly in: string;
    readonly name: string;
    readonly required?: boolean;
    readonly schema?: Readonly<Record<string, unknown>>;
  }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: object }>> };
  readonly responses: Readonly<Record<string, ResponseObject>>;
}
interface ResponseObject {
  readonly headers?: Readonly<Record<string, object>>;
  readonly content?: Readonly<Record<string, { readonly schema: object }>>;
}
interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, OperationObject>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, object>> };
}

/** The API's description, as a judge of answers. */
export interface Description {
  /** By method and path as it is described, `GET /api/v1/templates/{template}`. */
  readonly operations: ReadonlyMap<string, OperationObject>;
  /** What about an answer is not as described; nothing when all is. */
  faults(operation: string, answer: Answer<unknown>): readonly string[];
}

/** Headers that every answer may carry; the others must be described. */
const OF_HTTP =
  /^(x-content-type-options|date|connection|keep-alive|content-(type|length)|transfer-encoding|cache-control|retry-after|allow|vary|www-authenticate|x-accel-buffering|tus-.*|upload-.*)$/;

export async function readDescription(server: TestServer): Promise<Description> {
  const { body } = await call<Document>(server, 'GET', '/openapi.json');
  const document = closed(body) as Document;
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  for (const [name, format] of Object.entries(fullFormats)) ajv.addFormat(name, format);
  ajv.addSchema({ $id: 'api', components: document.components });
  const compiled = new Map<string, ValidateFunction>();
  const operations = new Map(
    Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, one]): [string, OperationObject] => [
        `${method.toUpperCase()} ${path}`,
        one,
      ]),
    ),
  );

  function bodyFaults(operation: string, status: number, { content }: ResponseObject, answer: Answer<unknown>) {
    const type = (answer.headers.get('content-type') ?? '').split(';')[0] ?? '';
    if (answer.body === undefined) {
      const mayBeEmpty = content === undefined || operation.startsWith('HEAD ') || status === 304;
      return mayBeEmpty ? [] : [`${status} has no body, though one is described`];
    }
    const described = content?.[type];
    if (described === undefined) return [`${status} is answered as ${type}, which is not described`];
    if (type === 'text/event-stream') return [];
    const key = `${operation} ${status} ${type}`;
    const validate = compiled.get(key) ?? ajv.compile(absolute(described.schema) as object);
    compiled.set(key, validate);
    return validate(answer.body)
      ? []
      : (validate.errors ?? []).map(
          (error) => `${status} body: ${ajv.errorsText([error])} ${JSON.stringify(error.params)}`,
        );
  }

  return {
    operations,
    faults(name, answer) {
      const described = operations.get(name)?.responses[String(answer.status)];
      if (described === undefined)
        return [`the status ${answer.status} is not described: ${JSON.stringify(answer.body)}`];
      const known = new Set(Object.keys(described.headers ?? {}).map((header) => header.toLowerCase()));
      const unknown = [...answer.headers.keys()].filter(
        (header) => !OF_HTTP.test(header) && header !== 'x-correlation-id' && !known.has(header),
      );
      return [
        ...(answer.headers.has('x-correlation-id') ? [] : ['no correlation id']),
        ...(answer.status < 400
          ? unknown.map((header) => `the header ${header} of ${answer.status} is not described`)
          : []),
        ...bodyFaults(name, answer.status, described, answer),
      ];
    },
  };
}

/** References as they are resolved from a schema of its own. */
const absolute = (schema: unknown): unknown =>
  JSON.parse(JSON.stringify(schema).replaceAll('"#/components/', '"api#/components/'));

/** A member that nobody described is a fault: every object that lists its members is closed. */
function closed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(closed);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.fromEntries(Object.entries(value).map(([name, member]) => [name, closed(member)]));
  const isOpen = 'properties' in value && !('additionalProperties' in value);
  return isOpen ? { ...members, unevaluatedProperties: false } : members;
}
