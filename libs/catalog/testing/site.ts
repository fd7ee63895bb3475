import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CommandBus, CqrsModule, QueryBus, type Command, type Query } from '@nestjs/cqrs';
import { Test } from '@nestjs/testing';
import { openContentStore, type ContentStore } from '@waybill/content-store';
import {
  claims,
  commandContext,
  documents,
  openSqliteEventStore,
  readModels,
  type Actor,
  type CommandContext,
  type EventStore,
  type StoredEvent,
} from '@waybill/event-store';
import { secretKey, systemClock, type AccountId, type CanonicalValue } from '@waybill/kernel';
import { newPublisher, signingKeyOf } from '@waybill/packaging';
import { CatalogModule } from '../catalog.module.js';
import type { CatalogDependencies } from '../app/dependencies.js';
import type { ImportProcess } from '../app/importProcess.js';
import type { ExportProcess } from '../app/exportProcess.js';
import { EXPORT_PROCESS, IMPORT_PROCESS } from '../app/tokens.js';
import { catalogProjection } from '../read/catalogProjection.js';
import { GetImport } from '../read/queries.js';
import type { ImportView } from '../read/importView.js';

const server: Actor = { id: 'server' as AccountId, kind: 'system', role: 'server' };
const key = secretKey(new Uint8Array(32).fill(7));
const publisher = newPublisher('Test site', signingKeyOf(new Uint8Array(32).fill(8)));

/** The directories of a site; they outlive its servers. */
export interface Disk {
  readonly root: string;
  readonly packages: string;
  readonly uploads: string;
  readonly content: string;
  remove(): Promise<void>;
}

export async function freshDisk(): Promise<Disk> {
  const root = await mkdtemp(join(tmpdir(), 'waybill-catalog-'));
  const [packages, uploads, content] = [join(root, 'packages'), join(root, 'uploads'), join(root, 'content')];
  for (const folder of [packages, uploads, content]) await mkdir(folder);
  return { root, packages, uploads, content, remove: () => rm(root, { recursive: true, force: true }) };
}

export interface Site {
  readonly deps: CatalogDependencies;
  readonly process: ImportProcess;
  readonly exporting: ExportProcess;
  /** What another server is given that works on the same log and the same content. */
  neighbour(runner: string): CatalogDependencies;
  run<Result>(command: Command<Result>): Promise<Result>;
  ask<Result>(query: Query<Result>): Promise<Result>;
  /** Waits until the server has nothing left to do for the import, and tells how it stands. */
  settled(id: string): Promise<ImportView>;
  /** Waits until the read models know all there is. */
  caughtUp(): Promise<void>;
  events(stream: string): Promise<readonly StoredEvent[]>;
  errors: unknown[];
  close(): Promise<void>;
}

/** Which server it is, and what stands between it and its disk. */
export interface ServerOptions {
  readonly runner?: string;
  readonly carriesOut?: boolean;
  readonly store?: (store: EventStore) => EventStore;
  readonly content?: (content: ContentStore) => ContentStore;
}

/** Short, so that nobody waits long for what a dead one held; long enough for a busy machine to tell in time that it is alive. */
const LEASE_MS = 1_500;

/** A server's catalog over that disk. */
export async function openSite(disk: Disk, options: ServerOptions = {}): Promise<Site> {
  const real = await openSqliteEventStore({ file: join(disk.root, 'log.sqlite') });
  const store = options.store?.(real) ?? real;
  const opened = await openContentStore(disk.content);
  const content = options.content?.(opened) ?? opened;
  const models = await readModels({
    file: join(disk.root, 'read.sqlite'),
    store: real,
    projections: [catalogProjection],
  });
  await models.start();
  const clock = systemClock;
  const { runner = 'server-a', carriesOut = true } = options;
  const errors: unknown[] = [];
  const deps: CatalogDependencies = {
    store,
    content,
    clock,
    runner,
    carriesOut,
    documents: documents(store, clock, server),
    readModels: models,
    claims: claims({ store, clock, runner, leaseMs: LEASE_MS, actor: server }),
    actor: server,
    importRoots: [disk.packages],
    uploadsDir: disk.uploads,
    exportsDir: join(disk.content, 'exports'),
    publisher: () => publisher,
    publisherKeys: {
      chain: () => publisher.chain,
      keyFor: () => Promise.reject(new Error('this site keeps its key')),
      adopt: () => Promise.reject(new Error('this site keeps its key')),
    },
    retryAfter: 20,
    onError: (error) => errors.push(error),
  };
  const module = await Test.createTestingModule({
    imports: [CqrsModule.forRoot(), CatalogModule.register(deps)],
  }).compile();
  await module.init();
  const process = module.get<ImportProcess>(IMPORT_PROCESS, { strict: false });
  const site: Site = {
    deps,
    process,
    exporting: module.get<ExportProcess>(EXPORT_PROCESS, { strict: false }),
    errors,
    neighbour: (other) => ({
      ...deps,
      store: real,
      runner: other,
      documents: documents(real, clock, server),
      claims: claims({ store: real, clock, runner: other, leaseMs: LEASE_MS, actor: server }),
    }),
    run: (command) => module.get(CommandBus, { strict: false }).execute(command),
    ask: (query) => module.get(QueryBus, { strict: false }).execute(query),
    async settled(id) {
      await process.whenAtRest(id as Parameters<ImportProcess['whenAtRest']>[0]);
      return site.ask(new GetImport(id));
    },
    caughtUp: async () => models.whenProcessed(await real.head()),
    async events(stream) {
      const events: StoredEvent[] = [];
      for await (const event of real.read(stream)) events.push(event);
      return events;
    },
    async close() {
      await module.close();
      await models.close();
      await real.close();
    },
  };
  return site;
}

/** What a server does from its start to its stop. */
export async function onSiteOf<Result>(
  disk: Disk,
  work: (site: Site) => Promise<Result>,
  options?: ServerOptions,
): Promise<Result> {
  const site = await openSite(disk, options);
  try {
    return await work(site);
  } finally {
    await site.close();
  }
}

/** Everything the content store holds, sorted. */
export async function contentIn(content: ContentStore): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const { digest } of content.listBlobs()) found.push(`blob ${digest}`);
  for await (const { diffId } of content.listLayers()) found.push(`layer ${diffId}`);
  return found.sort();
}

/** A request of a person; the same key and payload make the same command. */
export const context = (idempotencyKey: string, payload: CanonicalValue = idempotencyKey): CommandContext =>
  commandContext({
    secretKey: key,
    account: 'li' as AccountId,
    idempotencyKey,
    payload,
    actor: { id: 'li' as AccountId, kind: 'person', role: 'operator' },
    channel: 'api',
    correlationId: `request ${idempotencyKey}`,
    personal: { salt: 'c2FsdA==', name: 'Li Na' },
  });
