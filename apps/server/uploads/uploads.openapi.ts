import type { OpenAPIObject } from '@nestjs/swagger';
import { UPLOADS_PATH } from './uploads.js';

type Operation = NonNullable<OpenAPIObject['paths'][string]['post']>;

const header = (name: string, description: string, required = true) => ({
  in: 'header' as const,
  name,
  required,
  description,
  schema: { type: 'string' as const },
});
const resumable = header('Tus-Resumable', '`1.0.0`');
const id = { in: 'path' as const, name: 'id', required: true, schema: { type: 'string' as const, format: 'uuid' } };
const problem = (description: string) => ({
  description,
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/ProblemDto' } } },
});
const refusals: Operation['responses'] = {
  400: problem('`invalid-request`: a header of the protocol is missing or not valid'),
  401: problem('`unauthenticated`, `token-invalid`'),
  403: problem('`forbidden`'),
  500: problem('`internal`'),
  503: problem('`store-unavailable`'),
  507: problem('`disk-full`'),
};
const missing = { 404: problem('`upload-not-found`') };

const operation = (
  operationId: string,
  summary: string,
  parameters: Operation['parameters'],
  responses: Operation['responses'],
): Operation => ({
  operationId,
  summary,
  description: 'tus 1.0 (https://tus.io/protocols/resumable-upload). For the roles publisher, operator, admin.',
  tags: ['packages'],
  parameters: [resumable, ...(parameters ?? [])],
  responses: { ...responses, ...refusals },
});

/** The routes of the upload protocol, which Nest does not know. */
export const uploadPaths: OpenAPIObject['paths'] = {
  [UPLOADS_PATH]: {
    post: operation(
      'uploads_create',
      'Begin an upload',
      [
        header('Upload-Length', 'Bytes of the whole file.', false),
        header('Upload-Defer-Length', '`1` when the length is not known yet.', false),
        header(
          'Upload-Metadata',
          '`filename` and the name in base64; `sha256` and the digest of the whole file in base64, which is checked at the end.',
          false,
        ),
      ],
      {
        201: {
          description: 'Begun.',
          headers: { Location: { schema: { type: 'string' }, description: 'Where to send the bytes.' } },
        },
        413: problem('`body-too-large`'),
      },
    ),
    options: operation('uploads_abilities', 'What the upload protocol offers here', [], {
      204: { description: 'See the Tus- headers.' },
    }),
  },
  [`${UPLOADS_PATH}/{id}`]: {
    head: operation('uploads_offset', 'How much of an upload has arrived', [id], {
      200: { description: 'Upload-Offset and Upload-Length.' },
      ...missing,
    }),
    patch: {
      ...operation(
        'uploads_append',
        'Send the next bytes of an upload',
        [id, header('Upload-Offset', 'Where these bytes begin.')],
        {
          204: { description: 'Upload-Offset: how much has arrived.' },
          409: problem('`upload-offset-differs`'),
          413: problem('`body-too-large`'),
          415: problem('`unsupported-media-type`'),
          422: problem('`upload-digest-differs`: with the last bytes; the upload is gone'),
          ...missing,
        },
      ),
      requestBody: {
        required: true,
        content: { 'application/offset+octet-stream': { schema: { type: 'string', format: 'binary' } } },
      },
    },
    delete: operation('uploads_discard', 'Give an upload up', [id], {
      204: { description: 'It is gone.' },
      ...missing,
    }),
  },
};
