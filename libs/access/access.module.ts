import { Module, type DynamicModule } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import type { Access } from './access.js';
import {
  ACCESS,
  ChangeRoleHandler,
  IssueTokenHandler,
  ListAccountsHandler,
  ListTokensHandler,
  RevokeTokenHandler,
} from './app/commands.js';

/** The context's commands and queries on the buses; the server opens the context and hands it in. */
@Module({})
export class AccessModule {
  static register(access: Access): DynamicModule {
    return {
      module: AccessModule,
      imports: [CqrsModule],
      providers: [
        { provide: ACCESS, useValue: access },
        IssueTokenHandler,
        RevokeTokenHandler,
        ChangeRoleHandler,
        ListTokensHandler,
        ListAccountsHandler,
      ],
      exports: [ACCESS],
    };
  }
}
