import type { IncomingMessage, ServerResponse } from 'node:http';
import { Catch, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { PROBLEM_TYPE, RETRY_AFTER, problemOf } from './problem.js';
import { pathOf, requestInfo } from './requestInfo.js';

/** Every error that leaves a route, a guard, a pipe or a body parser becomes one problem document. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    sendProblem(error, http.getRequest<IncomingMessage>(), http.getResponse<ServerResponse>());
  }
}

/**
 * Answers with the problem of an error; also for those parts that stand in front of Nest, some of which find it out when others have answered.
 * @param headers that belong to this answer alone
 */
export function sendProblem(
  error: unknown,
  request: IncomingMessage,
  response: ServerResponse,
  headers: Readonly<Record<string, string>> = {},
): void {
  const { correlationId, log } = requestInfo(request);
  const problem = problemOf(error, { path: pathOf(request), correlationId });
  if (problem.status >= 500) log.error({ err: error, code: problem.code }, 'a request failed');
  else log.debug({ err: error, code: problem.code }, 'a request was refused');
  if (response.headersSent) {
    // Too late for another answer: a broken connection tells the caller that this one is not whole.
    response.destroy();
    return;
  }
  response.statusCode = problem.status;
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  response.setHeader('Content-Type', PROBLEM_TYPE);
  response.setHeader('Cache-Control', 'no-store');
  const present = problem.code === 'revision-mismatch' ? problem.details?.['present'] : undefined;
  if (typeof present === 'string') response.setHeader('ETag', `"${present}"`);
  if (problem.status === 503 || problem.status === 429 || problem.code === 'request-in-flight')
    response.setHeader('Retry-After', String(RETRY_AFTER));
  response.end(request.method === 'HEAD' ? undefined : JSON.stringify(problem));
}
