import { randomBytes } from 'node:crypto';
import { firstAdministrator, openAccess } from '@waybill/access';
import { engineImages, loggedRoots, registryImages } from '@waybill/catalog';
import { openContentStore } from '@waybill/content-store';
import {
  alwaysInContact,
  answers,
  claims as openClaims,
  documents as openDocuments,
  localCopyProjection,
  readModels as openReadModels,
  readsWhileAway,
  storeContact,
  type Absence,
  type Actor,
} from '@waybill/event-store';
import { randomIds, systemClock, type AccountId } from '@waybill/kernel';
import { dockerCredentials } from '@waybill/packaging';
import { dockerRuntime } from '@waybill/runtime';
import type { Logger } from 'pino';
import type { Configuration } from './config/configuration.js';
import { openDataFolder, readIfThere, removePartials, writePrivate } from './config/dataFolder.js';
import { openPublisher } from './config/publisherFile.js';
import { openSecretKey } from './config/secretKeyFile.js';
import { deliveryParts } from './deliveryParts.js';
import { openEventStore } from './openEventStore.js';
import { logBackgroundFailure } from './logging.js';
import type { Parts } from './parts.js';
import { projections } from './projections.js';
import { neededByInstances } from './neededByInstances.js';
import { trustAtStart } from './trustAtStart.js';
import { openUploads } from './uploads/uploads.js';
import { waitForStore } from './waitForStore.js';

/** Who the server is in what it writes on behalf of nobody present. */
const SYSTEM: Actor = { id: 'waybill' as AccountId, kind: 'system', role: 'system' };

/** What reads fold: kept here as well when the log is elsewhere. */
const READ = {
  prefixes: [
    'template-',
    'import-',
    'export-',
    'trust',
    'collections',
    'retention',
    'publisher',
    'instance-',
    'runs-',
    'document-',
  ],
};

/** Times the engine's time limit that the loading of an image may stand still: the engine writes large layers without a word. */
const LOAD_IDLE = 12;

const random = () => randomBytes(32);

function tellContact(logger: Logger, absence: Absence | undefined): void {
  if (absence === undefined) logger.info('the event store answers again');
  else
    logger.warn(
      { since: absence.since },
      'the event store is away: reads answer from what is known here, writes are refused',
    );
}

export interface Opened {
  readonly parts: Parts;
  /** The administrator's token when one was made at this start. */
  readonly adminToken?: string;
  /** Says that the end is near: streams end, nothing new is begun. */
  stopping(): void;
  /** Closes in the opposite order; what fails is logged and does not keep the rest open. */
  close(): Promise<void>;
}

/** Opens everything the server stands on: first the log, then what follows it. What was opened is closed again when the rest fails. */
export async function openParts(configuration: Configuration, logger: Logger): Promise<Opened> {
  const stopping = new AbortController();
  const closers: { readonly name: string; readonly close: () => Promise<void> }[] = [];
  const close = async () => {
    stopping.abort();
    for (const { name, close: closeOne } of closers.splice(0).reverse())
      await closeOne().catch((error: unknown) => logger.error({ err: error }, `could not close the ${name}`));
  };
  try {
    const clock = systemClock;
    const folder = await openDataFolder(configuration);
    const store = await waitForStore(configuration, logger, () => openEventStore(configuration.eventStore, logger));
    closers.push({ name: 'event store', close: () => store.close() });
    const secretKey = await openSecretKey(configuration.secretKeyFile, (await store.head()) === -1n);
    const isRemote = configuration.eventStore.kind !== 'embedded';
    const documents = openDocuments(store, clock, SYSTEM);
    const publisher = await openPublisher(
      configuration,
      folder.publisherRoots,
      await loggedRoots({ store, documents }),
    );
    const contact = isRemote
      ? storeContact({ store, clock, onChange: (absence) => tellContact(logger, absence) })
      : alwaysInContact;
    closers.push({ name: 'watch on the event store', close: () => contact.close() });
    const readModels = await openReadModels({
      file: folder.readModels,
      store,
      projections: [...projections, ...(isRemote ? [localCopyProjection(READ)] : [])],
      onError: (error) => logger.error({ err: error }, 'a read model was interrupted'),
    });
    closers.push({ name: 'read models', close: () => readModels.close() });
    // The read models keep every other server out of the folder.
    await removePartials(folder.root);
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
    const access = openAccess({
      store,
      readModels,
      clock,
      ids: randomIds,
      random,
      server: folder.serverName,
      isAway: () => contact.absence() !== undefined,
    });
    const runtime = await dockerRuntime({
      clock,
      callTimeoutMs: configuration.engineTimeoutMs,
      loadIdleMs: LOAD_IDLE * configuration.engineTimeoutMs,
      ...(configuration.dockerHost === undefined ? {} : { host: configuration.dockerHost }),
    });
    const uploads = openUploads(folder.uploads);
    const content = await openContentStore(folder.content);
    const readStore = isRemote ? readsWhileAway(store, { db: readModels.db, contact }) : store;
    const reading = { store: readStore, documents: openDocuments(readStore, clock, SYSTEM) };
    const claims = openClaims({
      store,
      clock,
      runner: folder.serverName,
      leaseMs: configuration.leaseMs,
      actor: SYSTEM,
    });
    const shared: Omit<Parts, 'delivery'> = {
      configuration,
      folder,
      logger,
      clock,
      secretKey,
      store,
      documents,
      reading,
      answers: answers({ store, documents, clock }),
      contact,
      claims,
      content,
      readModels,
      access,
      catalog: {
        store,
        documents,
        reading,
        content,
        readModels,
        claims,
        clock,
        runner: folder.serverName,
        carriesOut: configuration.role !== 'api',
        actor: SYSTEM,
        fetchImages: {
          engine: engineImages(runtime, content),
          registry: registryImages(
            content,
            { credentials: dockerCredentials(configuration.dockerConfig), plain: configuration.plainRegistries },
            runtime,
          ),
        },
        importRoots: configuration.importRoots,
        uploadsDir: folder.uploads,
        exportsDir: folder.exports,
        publisher: () => publisher.current(),
        publisherKeys: publisher,
        neededElsewhere: () => neededByInstances({ store, documents, clock }),
        onError: (error, operation) => logBackgroundFailure(logger, error, operation),
      },
      uploads,
      runtime,
      stopping: stopping.signal,
    };
    await trustAtStart(shared.catalog, randomIds, configuration.trustFile);
    const parts: Parts = { ...shared, delivery: deliveryParts(shared, SYSTEM) };
    return { parts, close, stopping: () => stopping.abort(), ...(adminToken === undefined ? {} : { adminToken }) };
  } catch (error) {
    await close();
    throw error;
  }
}
