import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { commandContext, type CommandContext, type EventStore, type ReadModels } from '@waybill/event-store';
import { WaybillError, type SecretKey } from '@waybill/kernel';
import type { Request, Response } from 'express';
import { PARTS } from '../parts.js';
import { actorOf, channelOf, personalOf } from './caller.js';
import { etag } from './etag.js';
import { canonicalBody } from './jsonBody.js';
import { positionOf, positionToken } from './position.js';
import { pathOf, requestInfo } from './requestInfo.js';

/** Printable ASCII without spaces at its ends; a UUID is what most send. */
const KEY = /^[\x21-\x7e]([\x20-\x7e]{0,253}[\x21-\x7e])?$/;
const WAIT_MS = 2_000;

/** Is the request only to be tried out? */
export const isDryRun = (request: Request): boolean => request.query['dryRun'] === 'true';

/** What stands between HTTP and the contexts: who asks for what, and how new the answer has to be. */
@Injectable()
export class Contexts {
  private readonly kept = new WeakMap<Response, unknown>();

  constructor(
    @Inject(PARTS)
    private readonly parts: {
      readonly secretKey: SecretKey;
      readonly store: EventStore;
      readonly readModels: ReadModels;
    },
  ) {}

  /** The context of the command that a request is. @throws WaybillError `invalid-request`, `secret-key-missing` */
  command(request: Request): CommandContext {
    const { identity, role, correlationId } = requestInfo(request);
    if (identity === undefined || role === undefined) throw new WaybillError('unauthenticated');
    return commandContext({
      secretKey: this.parts.secretKey,
      account: identity.account,
      idempotencyKey: idempotencyKey(request.headers['idempotency-key']),
      payload: { method: request.method, route: pathOf(request), body: canonicalBody(request.body) },
      actor: actorOf(identity, role),
      channel: channelOf(request),
      correlationId,
      personal: personalOf(request),
      dryRun: isDryRun(request),
    });
  }

  /** Tells in the headers where the answer stands: in the log, and in its stream. */
  answered(response: Response, at: { readonly position?: bigint; readonly revision?: bigint }): void {
    if (at.position !== undefined && at.position >= 0n)
      response.setHeader('Waybill-Position', positionToken(this.parts.store.identity, at.position));
    if (at.revision !== undefined && at.revision >= 0n) response.setHeader('ETag', etag(at.revision));
  }

  /**
   * Tells the revision of what is shown. Whoever has it already is told so (304), unless the answer shows more than its stream holds: what changes
   * without an event has to be sent anew.
   */
  shown(request: Request, response: Response, revision: bigint, showsMore = false): void {
    response.setHeader('ETag', etag(revision));
    // `fetch` sends `no-cache` along with If-None-Match. It is meant for caches on the way: here it is asked for what is so now in any case.
    delete request.headers['cache-control'];
    if (showsMore) delete request.headers['if-none-match'];
  }

  /** Has an answer kept otherwise than it is given this once: what must not stand in the log is left out. */
  keepAs(response: Response, body: unknown): void {
    this.kept.set(response, body);
  }

  keptBody(response: Response, given: unknown): unknown {
    return this.kept.get(response) ?? given;
  }

  /** Waits until the read models hold what `?after=` asks for. @throws WaybillError `not-caught-up`, `position-unknown` */
  async caughtUp(after: unknown): Promise<void> {
    if (after === undefined) return;
    const position = positionOf(this.parts.store.identity, typeof after === 'string' ? after : '');
    await this.parts.readModels.whenProcessed(position, { timeoutMs: WAIT_MS });
  }
}

function idempotencyKey(header: string | string[] | undefined): string {
  if (header === undefined) return randomUUID();
  if (typeof header === 'string' && KEY.test(header)) return header;
  const message = '1 to 255 printable ASCII characters are expected';
  throw new WaybillError(
    'invalid-request',
    { reason: `Idempotency-Key: ${message}.` },
    { points: [{ pointer: 'header:Idempotency-Key', message }] },
  );
}
