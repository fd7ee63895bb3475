import { Body, Controller, Get, Inject, Param, Patch, Query, Req, Res } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { ApiTags } from '@nestjs/swagger';
import { ChangeSettings, DELIVERY_READER, type DeliveryReader, type SettingRequest } from '@waybill/delivery';
import { WaybillError } from '@waybill/kernel';
import type { Request, Response } from 'express';
import { Contexts } from './contexts.js';
import { ReadQueryDto } from './dto/list.dto.js';
import {
  ChangeSettingsDto,
  SettingHistoryDto,
  SettingHistoryQueryDto,
  SettingsDto,
  type SettingDto,
} from './dto/setting.dto.js';
import { DryRunDto } from './dto/write.dto.js';
import { etag, ifMatch } from './etag.js';
import { Operation } from './operation.js';
import { pageOf } from './paging.js';

@ApiTags('instances')
@Controller('instances/:instance/settings')
export class SettingsController {
  constructor(
    private readonly commands: CommandBus,
    private readonly contexts: Contexts,
    @Inject(DELIVERY_READER) private readonly reader: DeliveryReader,
  ) {}

  @Get()
  @Operation({
    summary: 'What the site owns: values, who set them, and what waits for a plan',
    needs: 'any-role',
    answer: { status: 200, type: SettingsDto, description: 'The ETag guards changes.' },
    etag: true,
    problems: ['instance-not-found'],
  })
  async settings(
    @Param('instance') idOrName: string,
    @Query() _query: ReadQueryDto,
    @Res({ passthrough: true }) response: Response,
  ): Promise<SettingsDto> {
    const { settings, revision } = await this.reader.settings(this.reader.find(idOrName).id);
    response.setHeader('ETag', etag(revision));
    return { items: settings };
  }

  @Patch()
  @Operation({
    summary: 'Change settings; they take effect with the next plan',
    needs: ['operator'],
    writes: true,
    answer: { status: 200, type: SettingsDto, description: 'With what now waits.' },
    problems: [
      'instance-not-found',
      'instance-removed',
      'record-open',
      'setting-not-allowed',
      'port-taken',
      'engine-unreachable',
      'engine-timeout',
      'engine-refused',
      'conflict',
      'component-not-found',
      'item-ambiguous',
      'revision-mismatch',
      'secret-key-missing',
    ],
  })
  async change(
    @Param('instance') idOrName: string,
    @Body() body: ChangeSettingsDto,
    @Query() _query: DryRunDto,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<SettingsDto> {
    const { id } = this.reader.find(idOrName);
    const { settings = [], withdraw = [] } = body;
    if (settings.length + withdraw.length === 0)
      throw new WaybillError('invalid-request', { reason: 'there is nothing to set and nothing to withdraw.' });
    const command = new ChangeSettings(
      {
        instance: id,
        settings: settings.map(settingRequest),
        withdraw,
        expectedRevision: ifMatch(request.headers['if-match']),
      },
      this.contexts.command(request),
    );
    const changed = await this.commands.execute(command);
    this.contexts.answered(response, changed);
    return { items: changed.settings };
  }

  @Get('history')
  @Operation({
    summary: 'Who set what when: what was asked for, and what records made of it',
    needs: 'any-role',
    answer: { status: 200, type: SettingHistoryDto, description: 'Oldest first; of one setting when `item` names it.' },
    problems: ['instance-not-found', 'component-not-found', 'item-ambiguous', 'setting-not-allowed', 'cursor-invalid'],
  })
  async history(
    @Param('instance') idOrName: string,
    @Query() query: SettingHistoryQueryDto,
  ): Promise<SettingHistoryDto> {
    const entries = await this.reader.settingHistory(this.reader.find(idOrName).id, query.item);
    const sorted = entries.toSorted((a, b) => (placeOf(a) < placeOf(b) ? -1 : 1));
    return pageOf('setting-history', sorted, placeOf, query);
  }
}

/** One event may be about several settings, in the order of the paths. */
const placeOf = ({ revision, item }: { readonly revision: number; readonly item: string }): string =>
  `${String(revision).padStart(9, '0')}/${item}`;

export const settingRequest = ({ item, value, secret }: SettingDto): SettingRequest => ({
  item,
  value,
  ...(secret === undefined ? {} : { secret }),
});
