import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import { uploadPaths } from '../uploads/uploads.openapi.js';

/** The description of the whole API, made of what the routes say about themselves. */
export function openApiDocument(app: INestApplication): OpenAPIObject {
  const description = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Waybill')
    .setDescription(
      [
        'Carries versioned applications into places without a network, and proves afterwards what was installed where, when, by whom and with whose approval.',
        'Errors are RFC 9457 problems with a stable `code`. Writes take an `Idempotency-Key` and answer a `Waybill-Position`, which reads take as `?after=`.',
      ].join('\n\n'),
    )
    .setVersion('0.1.0')
    .addServer('/', 'this server')
    .addBearerAuth({ type: 'http', scheme: 'bearer' }, 'token')
    .addSecurityRequirements('token')
    .addTag('templates', 'Templates and their versions')
    .addTag('packages', 'Uploads and imports')
    .addTag('access', 'Accounts, roles and tokens')
    .addTag('service', 'Operations and health')
    .build();
  const document = SwaggerModule.createDocument(app, description, {
    operationIdFactory: (controller, method) => `${controller.replace(/Controller$/, '').toLowerCase()}_${method}`,
  });
  return { ...document, paths: { ...document.paths, ...withUploads(document.paths) } };
}

/** Of one address, the one half is the protocol's and the other is Nest's. */
const withUploads = (paths: OpenAPIObject['paths']): OpenAPIObject['paths'] =>
  Object.fromEntries(Object.entries(uploadPaths).map(([path, methods]) => [path, { ...paths[path], ...methods }]));
