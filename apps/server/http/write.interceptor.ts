import {
  Inject,
  Injectable,
  SetMetadata,
  type CallHandler,
  type ExecutionContext,
  type NestInterceptor,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { CommandContext, KeptAnswer } from '@waybill/event-store';
import { WaybillError } from '@waybill/kernel';
import type { Request, Response } from 'express';
import { from, lastValueFrom, type Observable } from 'rxjs';
import { PARTS, type Parts } from '../parts.js';
import { Contexts, isDryRun } from './contexts.js';
import { isOfStore, positionToken } from './position.js';

const WRITES = 'waybill:writes';
/** Headers that belong to an answer, and not to the request that happens to ask for it again. */
const OWN = ['location', 'etag', 'waybill-position', 'cache-control'] as const;

/** Marks a route that writes: it takes an Idempotency-Key, and can be tried out. */
export const Writes = (): MethodDecorator => SetMetadata(WRITES, true);

/**
 * Carries a write out once for each Idempotency-Key, and gives its answer again to whoever repeats the request. What was refused is not kept:
 * nothing was done, so a repetition is judged anew. Dry runs are marked, and bind no key.
 */
@Injectable()
export class WriteInterceptor implements NestInterceptor {
  private readonly underWay = new Map<string, string>();

  constructor(
    private readonly reflector: Reflector,
    private readonly contexts: Contexts,
    @Inject(PARTS) private readonly parts: Pick<Parts, 'answers' | 'store'>,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler<unknown>): Observable<unknown> {
    if (this.reflector.get<true | undefined>(WRITES, context.getHandler()) !== true) return next.handle();
    const http = context.switchToHttp();
    return from(this.answer(http.getRequest<Request>(), http.getResponse<Response>(), next));
  }

  private async answer(request: Request, response: Response, next: CallHandler<unknown>): Promise<unknown> {
    const dryRun = isDryRun(request);
    if (dryRun) response.status(200).setHeader('Waybill-Dry-Run', 'true');
    if (request.headers['idempotency-key'] === undefined) return carriedOut(response, next, dryRun);
    const command = this.contexts.command(request);
    const release = this.begin(command);
    try {
      const kept = await this.parts.answers.find(command);
      if (kept !== undefined) return this.repeat(kept, response);
      const body = await carriedOut(response, next, dryRun);
      if (!dryRun) await this.parts.answers.keep(command, answerOf(response, this.contexts.keptBody(response, body)));
      return body;
    } finally {
      release();
    }
  }

  /** @throws WaybillError `request-in-flight`, `idempotency-key-reused` */
  private begin({ commandId, commandDigest }: CommandContext): () => void {
    const present = this.underWay.get(commandId);
    if (present !== undefined)
      throw new WaybillError(present === commandDigest ? 'request-in-flight' : 'idempotency-key-reused');
    this.underWay.set(commandId, commandDigest);
    return () => this.underWay.delete(commandId);
  }

  private repeat({ status, headers, body, position }: KeptAnswer, response: Response): unknown {
    response.status(status).setHeader('Waybill-Repeated', 'true');
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    // After a move to another store the token of then means nothing; the answer itself stands behind what it answered.
    const token = headers['waybill-position'];
    const { identity } = this.parts.store;
    if (token !== undefined && !isOfStore(identity, token))
      response.setHeader('Waybill-Position', positionToken(identity, position));
    return body === undefined ? undefined : (JSON.parse(body) as unknown);
  }
}

async function carriedOut(response: Response, next: CallHandler<unknown>, dryRun: boolean): Promise<unknown> {
  const body = await lastValueFrom(next.handle(), { defaultValue: undefined });
  // Nothing was written, so there is no place in the log and nothing to be found at an address.
  if (dryRun) for (const name of OWN) response.removeHeader(name);
  return body;
}

function answerOf(response: Response, body: unknown) {
  const headers = OWN.flatMap((name) => {
    const value = response.getHeader(name);
    return value === undefined ? [] : [[name, String(value)] as const];
  });
  return {
    status: response.statusCode,
    headers: Object.fromEntries(headers),
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  };
}
