import type { IncomingMessage } from 'node:http';
import { allowingRole, roles, type Access, type Role } from '@waybill/access';
import { printable, WaybillError } from '@waybill/kernel';
import { actorOf, channelOf, personalOf } from './caller.js';
import { pathOf, requestInfo, setRequestInfo } from './requestInfo.js';

/** Who may use a route: any of these roles (and always an administrator), every role there is, or anybody without a token. */
export type Needed = readonly Role[] | 'any-role' | 'nobody-in-particular';

/**
 * Lets the caller do what one of the roles allows, and remembers which one did.
 * @throws WaybillError `forbidden`, once the denial is on record; `store-unavailable` when it cannot be recorded
 */
export async function authorize(
  access: Pick<Access, 'securityLog'>,
  request: IncomingMessage,
  needed: readonly Role[] | 'any-role',
): Promise<Role> {
  const info = requestInfo(request);
  const { identity } = info;
  if (identity === undefined) throw new WaybillError('unauthenticated');
  const enough = needed === 'any-role' ? roles : needed;
  const role = allowingRole(identity.roles, enough);
  if (role === undefined) throw await denied(access, request, enough);
  setRequestInfo(request, { ...info, role });
  return role;
}

/** The refusal to throw, once it is on record. `needed` is empty when no role would do. @throws WaybillError `store-unavailable` */
export async function denied(
  access: Pick<Access, 'securityLog'>,
  request: IncomingMessage,
  needed: readonly Role[],
): Promise<WaybillError> {
  const { identity } = requestInfo(request);
  if (identity === undefined) return new WaybillError('unauthenticated');
  const { account, tokenId } = identity;
  await access.securityLog.record(
    {
      type: 'access-denied',
      data: {
        account,
        tokenId,
        needed,
        method: request.method ?? '',
        path: printable(pathOf(request).toWellFormed()).slice(0, 256),
      },
    },
    {
      actor: actorOf(identity, identity.roles.join('+')),
      channel: channelOf(request),
      correlationId: requestInfo(request).correlationId,
      personal: personalOf(request),
    },
  );
  return new WaybillError('forbidden', { account, role: needed.length === 0 ? 'admin' : needed.join(' or ') });
}
