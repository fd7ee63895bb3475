import { Body, Controller, Get, Inject, Param, Post, Query, Req, Res } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ApiTags } from '@nestjs/swagger';
import { FindWithdrawn, GetTemplate, type WithdrawnEntry } from '@waybill/catalog';
import { CreateInstance, DELIVERY_READER, type DeliveryReader } from '@waybill/delivery';
import { isWaybillError, WaybillError } from '@waybill/kernel';
import type { Request, Response } from 'express';
import { Contexts } from './contexts.js';
import {
  CreateInstanceDto,
  DriftDto,
  InstanceDto,
  InstanceListQueryDto,
  InstancePageDto,
  InstanceStateDto,
  StateQueryDto,
  UpgradesDto,
} from './dto/instance.dto.js';
import { ListQueryDto, ReadQueryDto } from './dto/list.dto.js';
import { RunPageDto } from './dto/run.dto.js';
import { DryRunDto } from './dto/write.dto.js';
import { Operation } from './operation.js';
import { settingRequest } from './settings.controller.js';
import { cursor, cursorKey, DEFAULT_LIMIT, pageByPair } from './paging.js';

@ApiTags('instances')
@Controller('instances')
export class InstancesController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
    private readonly contexts: Contexts,
    @Inject(DELIVERY_READER) private readonly reader: DeliveryReader,
  ) {}

  @Post()
  @Operation({
    summary: 'Make an instance: a name and a place; nothing runs until a plan of the kind install is submitted',
    needs: ['operator'],
    writes: true,
    answer: { status: 201, type: InstanceStateDto, description: 'The instance.' },
    problems: [
      'invalid-name',
      'instance-name-taken',
      'template-not-found',
      'template-ambiguous',
      'version-not-found',
      'version-withdrawn',
      'setting-not-allowed',
      'component-not-found',
      'item-ambiguous',
      'port-taken',
      'engine-unreachable',
      'engine-timeout',
      'engine-refused',
    ],
  })
  async create(
    @Body() body: CreateInstanceDto,
    @Query() _query: DryRunDto,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<InstanceStateDto> {
    const template = await this.queries.execute(new GetTemplate(body.template));
    const { name, version, settings = [] } = body;
    const created = await this.commands.execute(
      new CreateInstance(
        { name, template: template.key, version, settings: settings.map(settingRequest) },
        this.contexts.command(request),
      ),
    );
    this.contexts.answered(response, created);
    return created.view;
  }

  @Get()
  @Operation({
    summary: 'List instances',
    needs: 'any-role',
    answer: { status: 200, type: InstancePageDto, description: 'Sorted by name.' },
    problems: ['cursor-invalid'],
  })
  list(@Query() query: InstanceListQueryDto): Promise<InstancePageDto> {
    const includeRemoved = query.removed === 'true';
    return pageByPair(
      'instances',
      query,
      (limit, after) =>
        Promise.all(
          this.reader
            .list({ includeRemoved, limit, after: after && { name: after[0], id: after[1] } })
            .map((one) => this.withWithdrawn(one)),
        ),
      ({ name, id }) => [name, id],
    );
  }

  @Get(':instance')
  @Operation({
    summary: 'One instance: what is desired, what serves, and what the engine says of it now',
    needs: 'any-role',
    answer: { status: 200, type: InstanceDto, description: 'By id or name.' },
    problems: ['instance-not-found'],
  })
  async get(
    @Param('instance') idOrName: string,
    @Query() _query: ReadQueryDto,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<InstanceDto> {
    const view = await this.withWithdrawn(await this.reader.instance(this.reader.find(idOrName).id));
    this.contexts.shown(request, response, BigInt(view.revision), true);
    try {
      return { ...view, live: await this.reader.live(view) };
    } catch (error) {
      // What the log says is still true while the engine is away.
      if (!isWaybillError(error)) throw error;
      return { ...view, liveUnknown: error.message };
    }
  }

  @Get(':instance/upgrades')
  @Operation({
    summary: 'Versions that the instance can go up to',
    needs: 'any-role',
    answer: { status: 200, type: UpgradesDto, description: 'Lowest first.' },
    problems: ['instance-not-found'],
  })
  upgrades(@Param('instance') idOrName: string, @Query() _query: ReadQueryDto): Promise<UpgradesDto> {
    return this.reader.upgrades(this.reader.find(idOrName).id);
  }

  @Get(':instance/state')
  @Operation({
    summary: 'The instance as it was at a time: a replay of its events up to then',
    needs: 'any-role',
    answer: {
      status: 200,
      type: InstanceStateDto,
      description: 'Without the engine’s view, which is only known for now.',
    },
    problems: ['instance-not-found', 'time-invalid', 'state-before-creation'],
  })
  state(@Param('instance') idOrName: string, @Query() query: StateQueryDto): Promise<InstanceStateDto> {
    return this.reader.instanceAt(this.reader.find(idOrName).id, query.at);
  }

  @Get(':instance/runs')
  @Operation({
    summary: 'What ran at its times, and the jobs of rollouts: what came of each',
    needs: 'any-role',
    answer: { status: 200, type: RunPageDto, description: 'Latest first.' },
    problems: ['instance-not-found', 'cursor-invalid'],
  })
  runs(@Param('instance') idOrName: string, @Query() query: ListQueryDto): RunPageDto {
    const { limit = DEFAULT_LIMIT } = query;
    const before = query.cursor === undefined ? undefined : Number(cursorKey('runs', query.cursor, 1)[0]);
    if (before !== undefined && !Number.isSafeInteger(before)) throw new WaybillError('cursor-invalid');
    const found = this.reader.runs(this.reader.find(idOrName).id, { limit: limit + 1, before });
    const items = found.slice(0, limit).map(({ place: _place, ...run }) => run);
    const last = found[limit - 1];
    return found.length > limit && last !== undefined
      ? { items, next: cursor('runs', [String(last.place)]) }
      : { items };
  }

  @Get(':instance/drift')
  @Operation({
    summary: 'What the engine has, compared with what the log says',
    needs: 'any-role',
    answer: { status: 200, type: DriftDto, description: 'Component by component.' },
    problems: ['instance-not-found', 'engine-unreachable', 'engine-timeout', 'engine-refused'],
  })
  async drift(@Param('instance') idOrName: string, @Query() _query: ReadQueryDto): Promise<DriftDto> {
    const components = await this.reader.live(await this.reader.instance(this.reader.find(idOrName).id));
    return {
      inStep: components.every(
        ({ condition }) => condition === 'healthy' || condition === 'scheduled' || condition === 'not-run-here',
      ),
      components,
    };
  }

  /** Says of one that runs a withdrawn version that it does. */
  private async withWithdrawn<View extends InstalledVersion>(
    view: View,
  ): Promise<View & { readonly withdrawn?: WithdrawnEntry }> {
    const { template, version, status } = view;
    if (version === null || status === 'removed') return view;
    const withdrawn = await this.queries.execute(new FindWithdrawn({ template: template.key, version }));
    return withdrawn === undefined ? view : { ...view, withdrawn };
  }
}

interface InstalledVersion {
  readonly template: { readonly key: string };
  readonly version: string | null;
  readonly status: string;
}
