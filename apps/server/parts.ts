import type { Access } from '@waybill/access';
import type { CatalogDependencies } from '@waybill/catalog';
import type { ContentStore } from '@waybill/content-store';
import type { DeliveryDependencies } from '@waybill/delivery';
import type { Answers, Claims, Documents, EventStore, ReadModels, StoreContact } from '@waybill/event-store';
import type { Clock, SecretKey } from '@waybill/kernel';
import type { Runtime } from '@waybill/runtime';
import type { Logger } from 'pino';
import type { Configuration } from './config/configuration.js';
import type { DataFolder } from './config/dataFolder.js';
import type { Uploads } from './uploads/uploads.js';

/** Everything the server is put together from, opened. */
export interface Parts {
  readonly configuration: Configuration;
  readonly folder: DataFolder;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly secretKey: SecretKey;
  readonly store: EventStore;
  readonly documents: Documents;
  /** The store and its documents for those who only look: with what is known here while the store is away. */
  readonly reading: { readonly store: EventStore; readonly documents: Documents };
  /** What callers were told, for those who ask again. */
  readonly answers: Answers;
  readonly contact: StoreContact;
  readonly claims: Claims;
  readonly content: ContentStore;
  readonly readModels: ReadModels;
  readonly access: Access;
  readonly catalog: CatalogDependencies;
  readonly delivery: DeliveryDependencies;
  readonly uploads: Uploads;
  readonly runtime: Runtime;
  /** Aborts when the server begins to stop: what waits for news must end then. */
  readonly stopping: AbortSignal;
}

/** Under this Nest finds the parts. */
export const PARTS = Symbol('parts');
