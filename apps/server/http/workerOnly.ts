import { WaybillError } from '@waybill/kernel';
import type { Middleware } from './correlation.js';
import { sendProblem } from './problem.filter.js';
import { pathOf } from './requestInfo.js';

/** A worker answers how it is, and nothing else. */
export const workerOnly: Middleware = (request, response, next) => {
  const path = pathOf(request);
  if (path.startsWith('/api/v1/health/')) next();
  else sendProblem(new WaybillError('route-not-found', { path }), request, response);
};
