import { Module, type DynamicModule } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_INTERCEPTOR, APP_PIPE } from '@nestjs/core';
import { CqrsModule } from '@nestjs/cqrs';
import { AccessModule } from '@waybill/access';
import { AccountsController } from './http/accounts.controller.js';
import { AfterInterceptor } from './http/after.interceptor.js';
import { Contexts } from './http/contexts.js';
import { HealthController } from './http/health.controller.js';
import { ProblemFilter } from './http/problem.filter.js';
import { RoleGuard } from './http/role.guard.js';
import { TokensController } from './http/tokens.controller.js';
import { validation } from './http/validation.js';
import { PARTS, type Parts } from './parts.js';

/** Puts the opened parts behind routes. */
@Module({})
export class AppModule {
  static of(parts: Parts): DynamicModule {
    return {
      module: AppModule,
      imports: [CqrsModule.forRoot(), AccessModule.register(parts.access)],
      controllers: [HealthController, TokensController, AccountsController],
      providers: [
        { provide: PARTS, useValue: parts },
        Contexts,
        { provide: APP_FILTER, useClass: ProblemFilter },
        { provide: APP_PIPE, useFactory: validation },
        { provide: APP_GUARD, useClass: RoleGuard },
        { provide: APP_INTERCEPTOR, useClass: AfterInterceptor },
      ],
    };
  }
}
