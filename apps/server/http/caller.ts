import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Identity } from '@waybill/access';
import type { Actor, Channel, PersonalData } from '@waybill/event-store';
import { printable } from '@waybill/kernel';

const AGENT_LENGTH = 200;

/** Through what a request came: what a client says of itself, for the record and for nothing else. */
export function channelOf(request: IncomingMessage): Channel {
  const said = request.headers['x-waybill-channel'] ?? request.headers['user-agent'] ?? '';
  const name = String(said).split('/')[0]?.toLowerCase();
  if (name === 'waybill-cli' || name === 'cli') return 'cli';
  return name === 'waybill-console' || name === 'console' ? 'console' : 'api';
}

/** Where a request came from, salted so that an export can leave it out and still be proven. */
export function personalOf(request: IncomingMessage): PersonalData {
  const address = request.socket.remoteAddress;
  const agent = request.headers['user-agent'];
  return {
    salt: randomBytes(16).toString('base64url'),
    ...(address === undefined ? {} : { address }),
    ...(agent === undefined ? {} : { agent: printable(agent.toWellFormed()).slice(0, AGENT_LENGTH) }),
  };
}

export const actorOf = (identity: Identity, role: string): Actor => ({
  id: identity.account,
  kind: identity.holder,
  role,
});
