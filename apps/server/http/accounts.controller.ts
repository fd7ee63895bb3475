import { Controller, Delete, Get, Param, Put, Query, Req, Res } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ApiTags } from '@nestjs/swagger';
import { accountId, ChangeRole, ListAccounts, role } from '@waybill/access';
import { WaybillError } from '@waybill/kernel';
import type { Request, Response } from 'express';
import { Contexts, isDryRun } from './contexts.js';
import { AccountPageDto, WhoAmIDto } from './dto/access.dto.js';
import { ListQueryDto, ReadQueryDto } from './dto/list.dto.js';
import { DryRunDto, type TriedDto } from './dto/write.dto.js';
import { Operation } from './operation.js';
import { pageOf } from './paging.js';
import { requestInfo } from './requestInfo.js';

@ApiTags('access')
@Controller('accounts')
export class AccountsController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
    private readonly contexts: Contexts,
  ) {}

  @Get()
  @Operation({
    summary: 'List accounts and their roles',
    needs: ['auditor'],
    answer: { status: 200, type: AccountPageDto, description: 'Sorted by name.' },
    problems: ['cursor-invalid'],
  })
  async list(@Query() query: ListQueryDto): Promise<AccountPageDto> {
    return pageOf('accounts', await this.queries.execute(new ListAccounts()), ({ account }) => account, query);
  }

  @Get('me')
  @Operation({
    summary: 'Whose token is this, and what does it allow?',
    needs: 'any-role',
    answer: { status: 200, type: WhoAmIDto, description: 'The caller.' },
  })
  me(@Query() _query: ReadQueryDto, @Req() request: Request): WhoAmIDto {
    const { identity } = requestInfo(request);
    if (identity === undefined) throw new WaybillError('unauthenticated');
    return { account: identity.account, token: identity.tokenId, roles: identity.roles };
  }

  @Put(':account/roles/:role')
  @Operation({
    summary: 'Grant a role to an account',
    description: 'Its present tokens gain nothing by it: a token is good for the roles it was issued for.',
    needs: [],
    writes: true,
    answer: { status: 204, description: 'The account has the role.' },
    problems: ['account-not-found', 'role-unknown', 'invalid-name'],
  })
  grant(
    @Param('account') account: string,
    @Param('role') name: string,
    @Query() _query: DryRunDto,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<TriedDto | undefined> {
    return this.change(account, name, 'grant', request, response);
  }

  @Delete(':account/roles/:role')
  @Operation({
    summary: 'Take a role from an account, and from all its tokens',
    needs: [],
    writes: true,
    answer: { status: 204, description: 'The account does not have the role.' },
    problems: ['account-not-found', 'role-unknown', 'invalid-name', 'last-administrator'],
  })
  revoke(
    @Param('account') account: string,
    @Param('role') name: string,
    @Query() _query: DryRunDto,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<TriedDto | undefined> {
    return this.change(account, name, 'revoke', request, response);
  }

  private async change(
    account: string,
    name: string,
    change: 'grant' | 'revoke',
    request: Request,
    response: Response,
  ): Promise<TriedDto | undefined> {
    const command = new ChangeRole(accountId(account), role(name), change, this.contexts.command(request));
    const changed = await this.commands.execute(command);
    this.contexts.answered(response, changed);
    return isDryRun(request) ? { changes: changed.changed } : undefined;
  }
}
