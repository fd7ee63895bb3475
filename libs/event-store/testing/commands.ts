import { derivedId, secretKey, type AccountId, type CanonicalValue } from '@waybill/kernel';
import { commandContext } from '../commandContext.js';
import type { Actor, CommandContext } from '../event.js';

/** A person at a terminal. */
export const someone: Actor = { id: derivedId('test', 'someone') as AccountId, kind: 'person', role: 'operator' };

/** The server itself. */
export const theServer: Actor = { id: derivedId('test', 'server') as AccountId, kind: 'system', role: 'server' };

/** The context of a command of `someone`; the same key and payload always give the same one. */
export const someContext = (idempotencyKey: string, payload: CanonicalValue = {}): CommandContext =>
  commandContext({
    secretKey: secretKey(new Uint8Array(32).fill(7)),
    account: someone.id,
    idempotencyKey,
    payload,
    actor: someone,
    channel: 'cli',
    correlationId: `test-${idempotencyKey}`,
  });
