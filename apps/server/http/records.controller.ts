import { Body, Controller, Get, Inject, Param, Post, Query, Req, Res } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { ApiTags } from '@nestjs/swagger';
import { DELIVERY_READER, MakePlan, SubmitPlan, type DeliveryReader } from '@waybill/delivery';
import { digest, isUuid, WaybillError, type RecordId } from '@waybill/kernel';
import type { Request, Response } from 'express';
import { Contexts } from './contexts.js';
import { MakePlanDto, PlanDto, RollbackPlanDto, SubmitPlanDto, SubmittedDto } from './dto/plan.dto.js';
import { RecordDto, RecordPageDto } from './dto/record.dto.js';
import { ListQueryDto, ReadQueryDto } from './dto/list.dto.js';
import { DryRunDto } from './dto/write.dto.js';
import { ifMatch } from './etag.js';
import { Operation } from './operation.js';
import { pageOf } from './paging.js';
import { PlanView } from './planView.js';

const planProblems = [
  'instance-not-found',
  'instance-removed',
  'instance-not-installed',
  'instance-already-installed',
  'version-not-found',
  'upgrade-not-upward',
  'no-upgrade-available',
  'record-not-found',
  'record-not-rollbackable',
  'record-open',
  'schedule-missing',
  'item-not-found',
  'item-ambiguous',
  'component-not-found',
  'architecture-mismatch',
  'port-taken',
  'network-too-small',
  'engine-changed',
  'engine-unreachable',
  'engine-timeout',
  'engine-refused',
  'secret-key-missing',
] as const;

@ApiTags('records')
@Controller()
export class RecordsController {
  constructor(
    private readonly commands: CommandBus,
    private readonly contexts: Contexts,
    private readonly planView: PlanView,
    @Inject(DELIVERY_READER) private readonly reader: DeliveryReader,
  ) {}

  @Post('instances/:instance/plans')
  @Operation({
    summary: 'Compute a plan: what will be done and what will be left alone, with reasons. Changes nothing',
    needs: ['operator', 'approver', 'auditor'],
    answer: { status: 200, type: PlanDto, description: 'The plan, stored under its digest.' },
    problems: [...planProblems, 'body-too-large', 'unsupported-media-type'],
  })
  async plan(
    @Param('instance') idOrName: string,
    @Body() body: MakePlanDto,
    @Query() _query: ReadQueryDto,
  ): Promise<PlanDto> {
    const { record, ...rest } = body;
    const made = await this.commands.execute(
      new MakePlan({ instance: this.reader.find(idOrName).id, ...rest, record: record as RecordId | undefined }),
    );
    return this.planView.of(made.digest, made.plan);
  }

  @Get('plans/:digest')
  @Operation({
    summary: 'A plan by its digest',
    needs: 'any-role',
    answer: { status: 200, type: PlanDto, description: 'As it was computed.' },
    problems: ['plan-not-found', 'invalid-digest'],
  })
  async getPlan(@Param('digest') text: string, @Query() _query: ReadQueryDto): Promise<PlanDto> {
    const name = digest(text);
    return this.planView.of(name, await this.reader.plan(name));
  }

  @Post('instances/:instance/records')
  @Operation({
    summary: 'Submit a plan: opens a record and begins its rollout',
    needs: ['operator'],
    writes: true,
    answer: { status: 202, type: SubmittedDto, description: 'Follow the operation.' },
    problems: [
      'instance-not-found',
      'instance-removed',
      'plan-not-found',
      'version-withdrawn',
      'plan-stale',
      'plan-used',
      'plan-empty',
      'record-open',
      'port-taken',
      'subnets-exhausted',
      'blob-missing',
      'engine-changed',
      'engine-unreachable',
      'engine-timeout',
      'engine-refused',
      'revision-mismatch',
      'secret-key-missing',
    ],
  })
  async submit(
    @Param('instance') idOrName: string,
    @Body() body: SubmitPlanDto,
    @Query() _query: DryRunDto,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<SubmittedDto> {
    const { id: instance } = this.reader.find(idOrName);
    const { reason } = body;
    const submission = {
      instance,
      plan: digest(body.plan),
      reason,
      expectedRevision: ifMatch(request.headers['if-match']),
    };
    const submitted = await this.commands.execute(new SubmitPlan(submission, this.contexts.command(request)));
    this.contexts.answered(response, submitted);
    const operation = `record-${submitted.record}`;
    response.setHeader('Location', `/api/v1/operations/${operation}`);
    return { record: submitted.record, operation };
  }

  @Get('instances/:instance/records')
  @Operation({
    summary: 'The instance’s history',
    needs: 'any-role',
    answer: {
      status: 200,
      type: RecordPageDto,
      description: 'Every record, failed and reverted ones too; oldest first.',
    },
    problems: ['instance-not-found', 'cursor-invalid'],
  })
  async history(@Param('instance') idOrName: string, @Query() query: ListQueryDto): Promise<RecordPageDto> {
    const records = await this.reader.history(this.reader.find(idOrName).id);
    return pageOf('records', records, ({ number }) => String(number).padStart(9, '0'), query);
  }

  @Get('records/:record')
  @Operation({
    summary: 'One record, with what was done to each component and why it failed',
    needs: 'any-role',
    answer: { status: 200, type: RecordDto, description: 'The record.' },
    problems: ['record-not-found'],
  })
  get(@Param('record') id: string, @Query() _query: ReadQueryDto): Promise<RecordDto> {
    return this.reader.record(recordId(id));
  }

  @Post('records/:record/rollback-plan')
  @Operation({
    summary: 'Compute the plan that undoes a record. Changes nothing',
    needs: ['operator', 'approver', 'auditor'],
    answer: { status: 200, type: PlanDto, description: 'The plan, stored under its digest.' },
    problems: [...planProblems, 'body-too-large', 'unsupported-media-type'],
  })
  async rollbackPlan(
    @Param('record') id: string,
    @Body() body: RollbackPlanDto,
    @Query() _query: ReadQueryDto,
  ): Promise<PlanDto> {
    const record = await this.reader.record(recordId(id));
    const { accept, removeAdded, restoreRemoved } = body;
    const request = { instance: record.instance, kind: 'rollback', record: record.id } as const;
    const made = await this.commands.execute(new MakePlan({ ...request, accept, removeAdded, restoreRemoved }));
    return this.planView.of(made.digest, made.plan);
  }
}

function recordId(text: string): RecordId {
  if (!isUuid(text)) throw new WaybillError('record-not-found', { record: text });
  return text as RecordId;
}
