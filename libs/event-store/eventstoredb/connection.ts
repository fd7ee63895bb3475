import type { EventStoreDBClient } from '@eventstore/db-client';
import type { StoreAddress } from './connectionString.js';
import type { Persistence } from './persistence.js';

/** What every call of the adapter works with. */
export interface Connection extends Persistence {
  readonly client: EventStoreDBClient;
  readonly address: StoreAddress;
  /** The highest position seen so far, in whatever way; what an append is answered with at or below it was written before. */
  readonly seen: { position: bigint };
}

/** Goes to the leader, so that what was written is read back at once. */
export const toLeader = { requiresLeader: true } as const;

export function notePosition({ seen }: Pick<Connection, 'seen'>, position: bigint): bigint {
  if (position > seen.position) seen.position = position;
  return position;
}
