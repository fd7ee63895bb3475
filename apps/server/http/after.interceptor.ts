import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import type { Request } from 'express';
import type { Observable } from 'rxjs';
import { Contexts } from './contexts.js';

/** Reads wait for the position their `?after=` names. */
@Injectable()
export class AfterInterceptor implements NestInterceptor {
  constructor(private readonly contexts: Contexts) {}

  async intercept(context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
    const request = context.switchToHttp().getRequest<Request>();
    await this.contexts.caughtUp(request.query['after']);
    return next.handle();
  }
}
