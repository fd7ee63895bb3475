import type { EventStore, ReadModels } from '@waybill/event-store';
import type { Clock, IdSource } from '@waybill/kernel';
import { accounts, type Accounts } from './app/accounts.js';
import { authenticator, type Authenticator } from './app/authentication.js';
import { securityLog, type SecurityLog } from './app/securityLog.js';
import { accessProjection, accessReader, type AccessReader } from './read/accessProjection.js';

/** The context as a whole: who may come in, what they may do, and who was turned away. */
export interface Access {
  readonly accounts: Accounts;
  readonly authenticator: Authenticator;
  readonly securityLog: SecurityLog;
  readonly reader: AccessReader;
}

/** Milliseconds that a change of an account waits for this server's read model. */
const WAIT = 2_000;

export function openAccess(options: {
  readonly store: EventStore;
  readonly readModels: Pick<ReadModels, 'db' | 'whenProcessed' | 'status'>;
  readonly clock: Clock;
  readonly ids: IdSource;
  /** 32 fresh random bytes at every call. */
  readonly random: () => Uint8Array;
  /** Names this server. */
  readonly server: string;
  /** Is the event store out of reach right now? Absent: never. */
  readonly isAway?: () => boolean;
}): Access {
  const { store, readModels, clock, ids, random, server, isAway = () => false } = options;
  const reader = accessReader(readModels.db);
  const authentication = authenticator({
    store,
    reader,
    clock,
    whenProcessed: (position) => readModels.whenProcessed(position, { timeoutMs: WAIT }),
    isAway,
    fault: () => readModels.status().find(({ name }) => name === accessProjection.name)?.failed,
  });
  return {
    accounts: accounts({ store, clock, random, onChange: (account, at) => authentication.changed(account, at) }),
    authenticator: authentication,
    securityLog: securityLog({ store, clock, ids, server }),
    reader,
  };
}
