import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import type { ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import type { Access, Role, SecurityEvent } from '@waybill/access';
import { WaybillError, type AccountId } from '@waybill/kernel';
import type { Needed } from './authorization.js';
import { requestInfo, setRequestInfo } from './requestInfo.js';
import { RequireRole, Requires, RoleGuard } from './role.guard.js';

class Routes {}

function routeThat(needed: Needed | undefined): () => string {
  const route = () => 'open';
  const decorate = needed === undefined || typeof needed === 'string' ? needed : RequireRole(...needed);
  const decorator = typeof decorate === 'string' ? Requires(decorate) : decorate;
  decorator?.(Routes.prototype, 'route', { value: route });
  return route;
}

function ask(held: readonly Role[], needed: Needed | undefined, record = () => Promise.resolve()) {
  const request = new IncomingMessage(new Socket());
  request.method = 'POST';
  request.url = '/api/v1/things?secret=1';
  setRequestInfo(request, {
    correlationId: 'c-1',
    log: pino({ level: 'silent' }),
    identity: { account: 'olga' as AccountId, tokenId: 't-1', holder: 'person', roles: held },
  });
  const denied: SecurityEvent[] = [];
  const access = {
    securityLog: {
      record: (event: SecurityEvent) => {
        denied.push(event);
        return record();
      },
    },
  } as unknown as Access;
  const route = routeThat(needed);
  const context = {
    switchToHttp: () => ({ getRequest: () => request }),
    getHandler: () => route,
    getClass: () => Routes,
  } as unknown as ExecutionContext;
  const outcome = new RoleGuard(new Reflector(), access).canActivate(context).then(
    () => 'allowed',
    (error: unknown) => (error as WaybillError).code,
  );
  return { outcome, denied, request };
}

describe('the guard of routes', () => {
  it('lets a role through, and remembers which one it was', async () => {
    const { outcome, request, denied } = ask(['auditor', 'operator'], ['operator']);
    expect(await outcome).toBe('allowed');
    expect(requestInfo(request).role).toBe('operator');
    expect(denied).toEqual([]);
  });

  it('turns others away, and records it', async () => {
    const { outcome, denied } = ask(['auditor'], ['operator', 'publisher']);
    expect(await outcome).toBe('forbidden');
    expect(denied).toEqual([
      {
        type: 'access-denied',
        data: {
          account: 'olga',
          tokenId: 't-1',
          needed: ['operator', 'publisher'],
          method: 'POST',
          path: '/api/v1/things',
        },
      },
    ]);
  });

  it('opens a route that names no role to nobody, administrators included', async () => {
    const { outcome, denied } = ask(['admin'], undefined);
    expect(await outcome).toBe('forbidden');
    expect(denied).toHaveLength(1);
  });

  it('opens a route without roles to administrators alone', async () => {
    expect(await ask(['admin'], []).outcome).toBe('allowed');
    expect(await ask(['operator', 'publisher', 'approver', 'auditor'], []).outcome).toBe('forbidden');
  });

  it('asks for a role even where every role will do', async () => {
    expect(await ask([], 'any-role').outcome).toBe('forbidden');
    expect(await ask(['approver'], 'any-role').outcome).toBe('allowed');
  });

  it('denies with 503 what cannot be recorded', async () => {
    const gone = () => Promise.reject(new WaybillError('store-unavailable', { reason: 'gone' }));
    expect(await ask(['auditor'], ['operator'], gone).outcome).toBe('store-unavailable');
  });
});
