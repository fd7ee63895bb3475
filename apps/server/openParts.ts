import { randomBytes } from 'node:crypto';
import { accessProjection, firstAdministrator, openAccess } from '@waybill/access';
import { openSqliteEventStore, readModels as openReadModels } from '@waybill/event-store';
import { randomIds, systemClock } from '@waybill/kernel';
import { dockerRuntime } from '@waybill/runtime';
import type { Logger } from 'pino';
import type { Configuration } from './config/configuration.js';
import { openDataFolder, readIfThere, writePrivate } from './config/dataFolder.js';
import { openSecretKey } from './config/secretKeyFile.js';
import type { Parts } from './parts.js';
import { openUploads } from './uploads/uploads.js';

const random = () => randomBytes(32);

export interface Opened {
  readonly parts: Parts;
  /** The administrator's token when one was made at this start. */
  readonly adminToken?: string;
  /** Closes in the opposite order; what fails is logged and does not keep the rest open. */
  close(): Promise<void>;
}

/** Opens everything the server stands on: first the log, then what follows it. What was opened is closed again when the rest fails. */
export async function openParts(configuration: Configuration, logger: Logger): Promise<Opened> {
  const closers: { readonly name: string; readonly close: () => Promise<void> }[] = [];
  const close = async () => {
    for (const { name, close: closeOne } of closers.splice(0).reverse())
      await closeOne().catch((error: unknown) => logger.error({ err: error }, `could not close the ${name}`));
  };
  try {
    const clock = systemClock;
    const folder = await openDataFolder(configuration.data);
    const store = await openSqliteEventStore({ file: configuration.eventStore.file });
    closers.push({ name: 'event store', close: () => store.close() });
    const secretKey = await openSecretKey(configuration.secretKeyFile, (await store.head()) === -1n);
    const readModels = await openReadModels({
      file: folder.readModels,
      store,
      projections: [accessProjection],
      onError: (error) => logger.error({ err: error }, 'a read model was interrupted'),
    });
    closers.push({ name: 'read models', close: () => readModels.close() });
    const adminToken = await firstAdministrator({
      store,
      clock,
      ids: randomIds,
      random,
      file: {
        read: async () => (await readIfThere(folder.adminToken))?.toString('utf8').trim(),
        write: (token) => writePrivate(folder.adminToken, `${token}\n`),
      },
    });
    await readModels.start();
    const access = openAccess({ store, readModels, clock, ids: randomIds, random, server: folder.serverName });
    const runtime = await dockerRuntime(
      configuration.dockerHost === undefined ? { clock } : { host: configuration.dockerHost, clock },
    );
    const uploads = openUploads(folder.uploads);
    const parts: Parts = {
      configuration,
      folder,
      logger,
      clock,
      secretKey,
      store,
      readModels,
      access,
      uploads,
      runtime,
    };
    return { parts, close, ...(adminToken === undefined ? {} : { adminToken }) };
  } catch (error) {
    await close();
    throw error;
  }
}
