import {
  Inject,
  Module,
  type DynamicModule,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
  type Provider,
} from '@nestjs/common';
import { hasCode, progressBoard, type ProgressBoard } from '@waybill/kernel';
import { resumeCollection } from './app/collect.js';
import { commandHandlers } from './app/commandHandlers.js';
import type { CatalogDependencies } from './app/dependencies.js';
import { exportProcess, type ExportProcess } from './app/exportProcess.js';
import { exports } from './app/exports.js';
import { importProcess, type ImportProcess } from './app/importProcess.js';
import { imports } from './app/imports.js';
import { publications } from './app/publications.js';
import { watchOpen } from './app/watchOpen.js';
import { watchOpenImports } from './app/watchOpenImports.js';
import {
  CATALOG_DEPENDENCIES,
  CATALOG_PROGRESS,
  CATALOG_READER,
  EXPORT_PROCESS,
  EXPORTS,
  IMPORT_PROCESS,
  IMPORTS,
  PUBLICATIONS,
} from './app/tokens.js';
import { catalogReader } from './read/catalogReader.js';
import { openExports } from './read/exports.js';
import { queryHandlers } from './read/queryHandlers.js';

/** Milliseconds between two looks for imports and exports that nobody carries out. */
const LOOK = 1_000;

/**
 * The catalog in a Nest application: handles its commands and queries on the application's buses (the application imports `CqrsModule.forRoot()`). Unfinished imports and exports go on when the
 * application has started, and work stops when it is closed. Exports `CATALOG_READER`, `CATALOG_PROGRESS`, `IMPORT_PROCESS`, `EXPORT_PROCESS` and `PUBLICATIONS`.
 */
@Module({})
export class CatalogModule implements OnApplicationBootstrap, OnModuleDestroy {
  private stopWatching: readonly (() => void)[] = [];
  private readonly stopping = new AbortController();
  private resumed: Promise<void> = Promise.resolve();

  constructor(
    @Inject(CATALOG_DEPENDENCIES) private readonly deps: CatalogDependencies,
    @Inject(IMPORT_PROCESS) private readonly process: ImportProcess,
    @Inject(EXPORT_PROCESS) private readonly exporting: ExportProcess,
  ) {}

  /** @param dependencies what the composition root has opened, and will close after the application */
  static register(dependencies: CatalogDependencies): DynamicModule {
    return {
      module: CatalogModule,
      providers: [...parts(dependencies), ...commandHandlers, ...queryHandlers],
      exports: [CATALOG_READER, CATALOG_PROGRESS, IMPORT_PROCESS, EXPORT_PROCESS, PUBLICATIONS],
    };
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.process.resumeAll();
    await this.exporting.resumeAll();
    if (this.deps.carriesOut === false) return;
    const { readModels, onError } = this.deps;
    // Not waited for: another server may be at it, or have died at it a moment ago.
    this.resumed = resumeCollection(this.deps, this.stopping.signal).catch((error: unknown) => {
      if (!this.stopping.signal.aborted && !hasCode(error, 'claim-held')) onError?.(error, 'ending a collection');
    });
    this.stopWatching = [
      watchOpenImports(this.deps, (id) => this.process.start(id), LOOK),
      watchOpen(
        {
          open: () => openExports(readModels.db),
          isHere: () => Promise.resolve(true),
          begin: (id) => this.exporting.start(id),
          onError: (error) => onError?.(error, 'watching exports'),
        },
        LOOK,
      ),
    ];
  }

  async onModuleDestroy(): Promise<void> {
    for (const stop of this.stopWatching) stop();
    this.stopping.abort();
    await this.resumed;
    await Promise.all([this.process.stop(), this.exporting.stop()]);
  }
}

function parts(deps: CatalogDependencies): Provider[] {
  return [
    { provide: CATALOG_DEPENDENCIES, useValue: deps },
    { provide: CATALOG_PROGRESS, useFactory: () => progressBoard(deps.clock) },
    { provide: CATALOG_READER, useFactory: () => catalogReader(deps) },
    {
      provide: IMPORT_PROCESS,
      useFactory: (progress: ProgressBoard) => importProcess(deps, progress),
      inject: [CATALOG_PROGRESS],
    },
    {
      provide: EXPORT_PROCESS,
      useFactory: (progress: ProgressBoard) => exportProcess(deps, progress),
      inject: [CATALOG_PROGRESS],
    },
    { provide: EXPORTS, useFactory: (process: ExportProcess) => exports(deps, process), inject: [EXPORT_PROCESS] },
    { provide: IMPORTS, useFactory: (process: ImportProcess) => imports(deps, process), inject: [IMPORT_PROCESS] },
    {
      provide: PUBLICATIONS,
      useFactory: (progress: ProgressBoard) => publications(deps, progress),
      inject: [CATALOG_PROGRESS],
    },
  ];
}
