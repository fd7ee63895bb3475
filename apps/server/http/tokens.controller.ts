import { Body, Controller, Delete, Get, Param, Post, Query, Req, Res } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ApiTags } from '@nestjs/swagger';
import { accountId, IssueToken, ListTokens, RevokeToken, type TokenEntry } from '@waybill/access';
import { WaybillError } from '@waybill/kernel';
import type { Request, Response } from 'express';
import { Contexts, isDryRun } from './contexts.js';
import { IssuedTokenDto, IssueTokenDto, TokenDto, TokenPageDto } from './dto/access.dto.js';
import { ListQueryDto } from './dto/list.dto.js';
import { DryRunDto, type TriedDto } from './dto/write.dto.js';
import { Operation } from './operation.js';
import { pageOf } from './paging.js';

@ApiTags('access')
@Controller('tokens')
export class TokensController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
    private readonly contexts: Contexts,
  ) {}

  @Post()
  @Operation({
    summary: 'Issue a token',
    needs: [],
    writes: true,
    answer: { status: 201, type: IssuedTokenDto, description: 'The token, shown this once.' },
    problems: ['invalid-name', 'time-invalid'],
  })
  async issue(
    @Body() body: IssueTokenDto,
    @Query() _query: DryRunDto,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<IssuedTokenDto> {
    const { account, roles, holder = 'person', label, expiresAt } = body;
    const issued = await this.commands.execute(
      new IssueToken(
        {
          account: accountId(account),
          roles,
          holder,
          label,
          expiresAt: expiresAt === undefined ? undefined : instant(expiresAt),
        },
        this.contexts.command(request),
      ),
    );
    this.contexts.answered(response, issued);
    response.setHeader('Cache-Control', 'no-store');
    const shown = {
      account: issued.account,
      id: issued.tokenId,
      roles: issued.roles,
      ...(issued.expiresAt === undefined ? {} : { expiresAt: issued.expiresAt }),
    };
    // The log holds tokens as hashes only.
    this.contexts.keepAs(response, shown);
    return issued.token === undefined || isDryRun(request) ? shown : { ...shown, token: issued.token };
  }

  @Get()
  @Operation({
    summary: 'List tokens, revoked ones included',
    needs: ['auditor'],
    answer: { status: 200, type: TokenPageDto, description: 'Sorted by account; without the tokens themselves.' },
    problems: ['cursor-invalid'],
  })
  async list(@Query() query: ListQueryDto): Promise<TokenPageDto> {
    const { items, next } = pageOf('tokens', await this.queries.execute(new ListTokens()), keyOf, query);
    return { items: items.map(tokenDto), ...(next === undefined ? {} : { next }) };
  }

  @Delete(':id')
  @Operation({
    summary: 'Revoke a token',
    description: 'From the answer on this server refuses it.',
    needs: [],
    writes: true,
    answer: { status: 204, description: 'It is revoked, now or since before.' },
    problems: ['token-not-found', 'last-administrator'],
  })
  async revoke(
    @Param('id') id: string,
    @Query() _query: DryRunDto,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<TriedDto | undefined> {
    const tokens = await this.queries.execute(new ListTokens());
    const token = tokens.find(({ tokenId }) => tokenId === id);
    if (token === undefined) throw new WaybillError('token-not-found', { token: id });
    const change = await this.commands.execute(new RevokeToken(token.account, id, this.contexts.command(request)));
    this.contexts.answered(response, change);
    return isDryRun(request) ? { changes: change.changed } : undefined;
  }
}

function instant(time: string): string {
  const parsed = new Date(time);
  if (Number.isNaN(parsed.getTime())) throw new WaybillError('time-invalid', { time });
  return parsed.toISOString();
}

const keyOf = ({ account, tokenId }: TokenEntry) => `${account} ${tokenId}`;

const tokenDto = ({
  tokenId,
  account,
  holder,
  roles,
  label,
  issuedAt,
  expiresAt,
  revokedAt,
}: TokenEntry): TokenDto => ({
  id: tokenId,
  account,
  holder,
  roles,
  ...(label === undefined ? {} : { label }),
  issuedAt,
  ...(expiresAt === undefined ? {} : { expiresAt }),
  ...(revokedAt === undefined ? {} : { revokedAt }),
});
