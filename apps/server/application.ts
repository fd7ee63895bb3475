import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import { WaybillError } from '@waybill/kernel';
import type { Express, NextFunction, Request, Response } from 'express';
import { AppModule } from './app.module.js';
import { authentication } from './http/authentication.js';
import { correlation } from './http/correlation.js';
import { jsonBody } from './http/jsonBody.js';
import { openApiDocument } from './http/openapi.js';
import { sendProblem } from './http/problem.filter.js';
import { pathOf } from './http/requestInfo.js';
import { requestLimits } from './http/requestLimits.js';
import { routes } from './http/routes.js';
import { storeAway } from './http/storeAway.js';
import { workerOnly } from './http/workerOnly.js';
import { nestLogger } from './logging.js';
import type { Parts } from './parts.js';
import { uploadRoutes } from './uploads/uploadRoutes.js';

/** The page of the API description works without a network and runs nothing that is not served here. */
const PAGE_POLICY =
  "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'";

/** The HTTP application over the opened parts, ready to listen. */
export async function application(parts: Parts): Promise<NestExpressApplication> {
  const app = await NestFactory.create<NestExpressApplication>(AppModule.of(parts), {
    bodyParser: false,
    abortOnError: false,
    logger: nestLogger(parts.logger),
  });
  app.disable('x-powered-by');
  // An ETag here is the revision of a stream, and given where there is one.
  app.disable('etag');
  app.setGlobalPrefix('api/v1');
  const document = openApiDocument(app);
  app.use(correlation(parts.logger));
  app.use(requestLimits());
  if (parts.configuration.role === 'worker') app.use(workerOnly);
  app.use(authentication(parts.access));
  app.use(storeAway(parts.contact));
  app.use(routes(document));
  app.use(uploadRoutes(parts.uploads, parts.access));
  app.use(jsonBody());
  describe(app, document);
  await app.init();
  // Nest answers below its own prefix only.
  const elsewhere = app.getHttpAdapter().getInstance();
  elsewhere.use((request: Request, response: Response) => {
    sendProblem(new WaybillError('route-not-found', { path: pathOf(request) }), request, response);
  });
  elsewhere.use((error: unknown, request: Request, response: Response, _next: NextFunction) => {
    sendProblem(error, request, response);
  });
  return app;
}

function describe(app: NestExpressApplication, document: OpenAPIObject): void {
  const express: Express = app.getHttpAdapter().getInstance();
  const answer = (_: Request, response: Response) => {
    response.json(document);
  };
  express.get('/openapi.json', answer);
  express.get('/api/v1/openapi.json', answer);
  app.use('/docs', (_: Request, response: Response, next: () => void) => {
    response.setHeader('Content-Security-Policy', PAGE_POLICY);
    next();
  });
  SwaggerModule.setup('docs', app, document, {
    raw: false,
    customSiteTitle: 'Waybill',
    swaggerOptions: { validatorUrl: null, persistAuthorization: false, tryItOutEnabled: false },
  });
}
