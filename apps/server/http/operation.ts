import { applyDecorators, HttpCode, type Type } from '@nestjs/common';
import {
  ApiExtension,
  ApiHeader,
  ApiOperation,
  ApiProduces,
  ApiResponse,
  getSchemaPath,
  ApiExtraModels,
} from '@nestjs/swagger';
import { catalogue, type ErrorCode } from '@waybill/kernel';
import type { Needed } from './authorization.js';
import { ProblemDto } from './dto/problem.dto.js';
import { TriedDto } from './dto/write.dto.js';
import { Requires } from './role.guard.js';
import { Writes } from './write.interceptor.js';

interface OperationOptions {
  readonly summary: string;
  readonly description?: string;
  readonly needs: Needed;
  /** Absent type: the answer has no body. */
  readonly answer: {
    readonly status: 200 | 201 | 202 | 204;
    readonly type?: Type;
    readonly stream?: string;
    /** Headers of the answer, with what they say. */
    readonly headers?: Readonly<Record<string, string>>;
    readonly description: string;
  };
  /** Codes beside those that any request may meet. */
  readonly problems?: readonly ErrorCode[];
  readonly writes?: boolean;
  /** When the same answer comes with status 200 instead; a dry run is always answered so. */
  readonly alsoOk?: string;
  /** The answer carries an ETag, and is not sent again to whoever has it. */
  readonly etag?: boolean;
  /** Shape of a 503 that is an answer and no problem. */
  readonly unready?: Type;
}

const text = { type: 'string' } as const;
const headers = {
  always: { 'X-Correlation-Id': { schema: text, description: 'Names this request in the server’s log.' } },
  ofWrites: {
    'Waybill-Position': {
      schema: text,
      description: 'Position token: give it to a read as ?after= to see what was written.',
    },
    ETag: { schema: text, description: 'Revision of what was written.' },
    Location: { schema: text, description: 'Where to find or follow what was made.' },
    'Waybill-Repeated': {
      schema: text,
      description: '`true` when the request was repeated: the answer is the one that was given then.',
    },
    'Waybill-Dry-Run': { schema: text, description: '`true` on a dry run: nothing was written.' },
  },
  ofReads: {
    ETag: {
      schema: text,
      description: 'Revision of what is shown, where it can be changed: give it back as If-Match.',
    },
    'Waybill-Stale': {
      schema: { type: 'integer' },
      description:
        'Only while the event store is away: seconds since it answered last. What was written since is not in the answer.',
    },
  },
} as const;

/** Headers of a route's own, described. */
export const described = (own: Readonly<Record<string, string>> = {}) =>
  Object.fromEntries(Object.entries(own).map(([name, description]) => [name, { schema: text, description }]));

const always: readonly ErrorCode[] = ['invalid-request', 'not-acceptable', 'uri-too-long', 'internal'];
const withToken: readonly ErrorCode[] = ['unauthenticated', 'token-invalid', 'forbidden', 'store-unavailable'];
const whenWriting: readonly ErrorCode[] = [
  'idempotency-key-reused',
  'request-in-flight',
  'body-too-large',
  'unsupported-media-type',
  'conflict',
  'disk-full',
];

const ifMatchHeader = ApiHeader({
  name: 'If-Match',
  required: false,
  schema: text,
  description: 'The ETag that was read: anything that was changed since is `revision-mismatch`.',
});
const ifNoneMatchHeader = ApiHeader({
  name: 'If-None-Match',
  required: false,
  schema: text,
  description: 'The ETag of what the caller has.',
});
const notModified = ApiResponse({ status: 304, description: 'The caller has it already.', headers: headers.always });

const whenReading: readonly ErrorCode[] = ['not-caught-up', 'position-unknown'];

/** Everything a route says about itself: what it does, who may use it, what it answers and how it fails. */
export function Operation(options: OperationOptions): MethodDecorator {
  const { summary, description, needs, answer, problems = [], writes = false, unready, etag = false } = options;
  return applyDecorators(
    Requires(needs),
    HttpCode(answer.status),
    ApiOperation({
      summary,
      description: [description, whoMay(needs)].filter(Boolean).join('\n\n'),
      ...(needs === 'nobody-in-particular' ? { security: [] } : {}),
    }),
    ApiResponse({
      status: answer.status,
      description: answer.description,
      ...(answer.type === undefined ? {} : { type: answer.type }),
      ...(answer.stream === undefined
        ? {}
        : { content: { [answer.stream]: { schema: { type: answer.stream.endsWith('json') ? 'object' : 'string' } } } }),
      headers: { ...headers.always, ...(writes ? headers.ofWrites : headers.ofReads), ...described(answer.headers) },
    }),
    ApiExtension('x-roles', needs),
    ...(writes ? ofWrites(options) : []),
    ...(problems.includes('revision-mismatch') ? [ifMatchHeader] : []),
    ...(etag ? [ifNoneMatchHeader, notModified] : []),
    ...problemResponses(codesOf(options)),
    ...(unready === undefined ? [] : [ApiResponse({ status: 503, type: unready, description: 'Not ready.' })]),
  );
}

function ofWrites({ answer, alsoOk = 'A dry run: what would be.' }: OperationOptions): readonly MethodDecorator[] {
  return [
    Writes(),
    ApiHeader({
      name: 'Idempotency-Key',
      required: false,
      schema: { type: 'string', minLength: 1, maxLength: 255 },
      description:
        'Whoever repeats a request with the same key gets the answer of the first, and nothing is done twice. Without one the request stands for itself.',
    }),
    ...(answer.status === 200
      ? []
      : [
          ApiResponse({
            status: 200,
            type: answer.type ?? TriedDto,
            description: alsoOk,
            headers: { ...headers.always, ...headers.ofWrites },
          }),
        ]),
  ];
}

function codesOf({ needs, problems = [], writes = false }: OperationOptions): readonly ErrorCode[] {
  if (needs === 'nobody-in-particular') return [...always, ...problems];
  return [...always, ...withToken, ...(writes ? whenWriting : whenReading), ...problems];
}

const whoMay = (needs: Needed): string => {
  if (needs === 'nobody-in-particular') return 'Needs no token.';
  return needs === 'any-role' ? 'For every role.' : `For the roles ${[...needs, 'admin'].join(', ')}.`;
};

function problemResponses(codes: readonly ErrorCode[]): readonly MethodDecorator[] {
  const byStatus = new Map<number, readonly ErrorCode[]>();
  for (const code of new Set(codes))
    byStatus.set(catalogue[code].status, [...(byStatus.get(catalogue[code].status) ?? []), code]);
  const responses = [...byStatus].map(([status, group]) =>
    ApiResponse({
      status,
      description: group.map((code) => `\`${code}\`: ${catalogue[code].title}`).join('\n\n'),
      content: { 'application/problem+json': { schema: { $ref: getSchemaPath(ProblemDto) } } },
    }),
  );
  return [ApiExtraModels(ProblemDto), ApiProduces('application/json'), ...responses];
}
