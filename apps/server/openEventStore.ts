import { openEventStoreDb, openSqliteEventStore, type EventStore } from '@waybill/event-store';
import type { Logger } from 'pino';
import type { Configuration } from './config/configuration.js';

/** Opens the store that was configured; what cuts a subscription off is logged, since nobody else hears of it. */
export function openEventStore(settings: Configuration['eventStore'], logger: Logger): Promise<EventStore> {
  switch (settings.kind) {
    case 'embedded':
      return openSqliteEventStore({ file: settings.file });
    case 'eventstoredb':
      return openEventStoreDb({
        connectionString: settings.address.connectionString,
        onDrop: ({ error, attempt, pause, after }) =>
          logger.warn(
            { err: error, attempt, pause, after: String(after) },
            'a subscription was cut off by the event store, and is taken up again',
          ),
        onLag: ({ at, end }) =>
          logger.debug({ at: String(at), end: String(end) }, 'where a subscription stands in the log'),
        onDeletion: (error) => logger.error({ err: error }, 'someone has deleted history in the event store'),
      });
  }
}
