import { Module, type DynamicModule } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_INTERCEPTOR, APP_PIPE } from '@nestjs/core';
import { CqrsModule, QueryBus } from '@nestjs/cqrs';
import { AccessModule } from '@waybill/access';
import { CATALOG_PROGRESS, CatalogModule, PUBLICATIONS, type Publications } from '@waybill/catalog';
import { DELIVERY_READER, DeliveryModule, ROLLOUTS, type DeliveryReader, type RolloutRunner } from '@waybill/delivery';
import type { ProgressBoard } from '@waybill/kernel';
import { AccountsController } from './http/accounts.controller.js';
import { rebuilds, type Rebuilds } from './admin/rebuilds.js';
import { AdminController, REBUILDS } from './http/admin.controller.js';
import { AfterInterceptor } from './http/after.interceptor.js';
import { Contexts } from './http/contexts.js';
import { Files } from './http/files.js';
import { HealthController } from './http/health.controller.js';
import { exportOperations } from './http/exportOperations.js';
import { ExportsController } from './http/exports.controller.js';
import { importOperations } from './http/importOperations.js';
import { ImportsController } from './http/imports.controller.js';
import { InstancesController } from './http/instances.controller.js';
import { OPERATION_SOURCES, type OperationSource } from './http/operations.js';
import { OperationsController } from './http/operations.controller.js';
import { PlanView } from './http/planView.js';
import { ProblemFilter } from './http/problem.filter.js';
import { publishOperations } from './http/publishOperations.js';
import { recordOperations } from './http/recordOperations.js';
import { RecordsController } from './http/records.controller.js';
import { SettingsController } from './http/settings.controller.js';
import { RoleGuard } from './http/role.guard.js';
import { TemplatesController } from './http/templates.controller.js';
import { TokensController } from './http/tokens.controller.js';
import { PublisherController } from './http/publisher.controller.js';
import { ContentController } from './http/content.controller.js';
import { RetentionController } from './http/retention.controller.js';
import { SbomsController } from './http/sboms.controller.js';
import { StandingController } from './http/standing.controller.js';
import { TrustController } from './http/trust.controller.js';
import { validation } from './http/validation.js';
import { UploadsController } from './http/uploads.controller.js';
import { WriteInterceptor } from './http/write.interceptor.js';
import { VersionsController } from './http/versions.controller.js';
import { PARTS, type Parts } from './parts.js';

/** Puts the opened parts behind routes. */
@Module({})
export class AppModule {
  static of(parts: Parts): DynamicModule {
    return {
      module: AppModule,
      imports: [
        CqrsModule.forRoot(),
        AccessModule.register(parts.access),
        CatalogModule.register(parts.catalog),
        DeliveryModule.register(parts.delivery),
      ],
      controllers: [
        TemplatesController,
        VersionsController,
        ImportsController,
        ExportsController,
        UploadsController,
        InstancesController,
        RecordsController,
        SettingsController,
        OperationsController,
        TokensController,
        AccountsController,
        HealthController,
        AdminController,
        TrustController,
        StandingController,
        SbomsController,
        PublisherController,
        ContentController,
        RetentionController,
      ],
      providers: [
        { provide: PARTS, useValue: parts },
        Contexts,
        Files,
        PlanView,
        { provide: REBUILDS, useFactory: () => rebuilds(parts) },
        {
          provide: OPERATION_SOURCES,
          useFactory: (
            queries: QueryBus,
            progress: ProgressBoard,
            reader: DeliveryReader,
            rollouts: RolloutRunner,
            rebuilding: Rebuilds,
            publications: Publications,
          ): readonly OperationSource[] => [
            importOperations(queries, progress),
            exportOperations(queries, progress),
            recordOperations(reader, rollouts),
            rebuilding,
            publishOperations(publications, progress),
          ],
          inject: [QueryBus, CATALOG_PROGRESS, DELIVERY_READER, ROLLOUTS, REBUILDS, PUBLICATIONS],
        },
        { provide: APP_FILTER, useClass: ProblemFilter },
        { provide: APP_PIPE, useFactory: validation },
        { provide: APP_GUARD, useClass: RoleGuard },
        { provide: APP_INTERCEPTOR, useClass: AfterInterceptor },
        { provide: APP_INTERCEPTOR, useClass: WriteInterceptor },
      ],
    };
  }
}
