import { Controller, Get, Inject, Param, Query, Req, Res } from '@nestjs/common';
import { ApiHeader, ApiResponse, ApiTags } from '@nestjs/swagger';
import { isWaybillError, WaybillError } from '@waybill/kernel';
import type { Request, Response } from 'express';
import { PARTS, type Parts } from '../parts.js';
import { ReadQueryDto } from './dto/list.dto.js';
import { OperationDto } from './dto/operation.dto.js';
import { Operation } from './operation.js';
import { hasEnded, OPERATION_SOURCES, type OperationSource } from './operations.js';
import { streamOperation } from './operationStream.js';
import { requestInfo } from './requestInfo.js';

@ApiTags('service')
@Controller('operations')
export class OperationsController {
  constructor(
    @Inject(OPERATION_SOURCES) private readonly sources: readonly OperationSource[],
    @Inject(PARTS) private readonly parts: Pick<Parts, 'stopping' | 'store' | 'readModels'>,
  ) {}

  @Get(':id')
  @Operation({
    summary: 'How far is an operation?',
    needs: 'any-role',
    answer: { status: 200, type: OperationDto, description: 'The operation now.' },
    problems: ['operation-not-found', 'import-not-found', 'export-not-found'],
  })
  show(@Param('id') id: string, @Query() _query: ReadQueryDto, @Req() request: Request): Promise<OperationDto> {
    return this.view(id, accountOf(request));
  }

  @Get(':id/stream')
  @ApiHeader({ name: 'Last-Event-ID', required: false, description: 'The `id` of the last event that was seen.' })
  @ApiResponse({ status: 204, description: 'It rests, and `Last-Event-ID` has seen that.' })
  @Operation({
    summary: 'Follow an operation as server-sent events',
    description: [
      'Every event is named `operation` and holds what GET /operations/{id} would answer. The stream ends with the operation, and when a person is waited for.',
      'Steps and bytes never fall, also over a restart of the server, when the listener comes back with `Last-Event-ID`, as browsers do by themselves. Who has seen the end is answered 204.',
      'At most five events a second; a comment every two seconds while nothing changes.',
    ].join('\n\n'),
    needs: 'any-role',
    answer: { status: 200, stream: 'text/event-stream', description: 'Events until the operation rests.' },
    problems: ['operation-not-found', 'import-not-found', 'export-not-found'],
  })
  async stream(
    @Param('id') id: string,
    @Query() _query: ReadQueryDto,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const { source, subject } = this.find(id);
    const account = accountOf(request);
    const lastEventId = request.headers['last-event-id'];
    await streamOperation(
      {
        view: () => this.view(id, account),
        watch: (listener) => source.watch(subject, listener, account),
        lastEventId: typeof lastEventId === 'string' ? lastEventId : undefined,
        stopping: this.parts.stopping,
      },
      response,
    );
  }

  /** Who hears that an operation has ended looks for what it made: that is told when lists have it, or after a while in any case. */
  private async view(id: string, account: string): Promise<OperationDto> {
    const { source, subject } = this.find(id);
    const view = await source.view(subject, account);
    if (hasEnded(view)) await this.listsToFollow().catch(onlyLate);
    return view;
  }

  private async listsToFollow(): Promise<void> {
    const { store, readModels } = this.parts;
    await readModels.whenProcessed(await store.head(), { timeoutMs: PATIENCE });
  }

  private find(id: string): { readonly source: OperationSource; readonly subject: string } {
    const source = this.sources.find(({ kind }) => id.startsWith(`${kind}-`));
    if (source === undefined) throw new WaybillError('operation-not-found', { operation: id });
    return { source, subject: id.slice(source.kind.length + 1) };
  }
}

/** Milliseconds. */
const PATIENCE = 2_000;

/** The end is told from the log all the same while the store is away or the lists stay behind. */
function onlyLate(error: unknown): void {
  if (!isWaybillError(error)) throw error;
}

const accountOf = (request: Request): string => requestInfo(request).identity?.account ?? '';
