import { Controller, Get, Inject, Param, Query, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { WaybillError } from '@waybill/kernel';
import type { Response } from 'express';
import { PARTS, type Parts } from '../parts.js';
import { ReadQueryDto } from './dto/list.dto.js';
import { OperationDto } from './dto/operation.dto.js';
import { Operation } from './operation.js';
import { OPERATION_SOURCES, type OperationSource } from './operations.js';
import { streamOperation } from './operationStream.js';

@ApiTags('service')
@Controller('operations')
export class OperationsController {
  constructor(
    @Inject(OPERATION_SOURCES) private readonly sources: readonly OperationSource[],
    @Inject(PARTS) private readonly parts: Pick<Parts, 'stopping'>,
  ) {}

  @Get(':id')
  @Operation({
    summary: 'How far is an operation?',
    needs: 'any-role',
    answer: { status: 200, type: OperationDto, description: 'The operation now.' },
    problems: ['operation-not-found', 'import-not-found'],
  })
  show(@Param('id') id: string, @Query() _query: ReadQueryDto): Promise<OperationDto> {
    const { source, subject } = this.find(id);
    return source.view(subject);
  }

  @Get(':id/stream')
  @Operation({
    summary: 'Follow an operation as server-sent events',
    description:
      'Every event is named `operation` and holds what GET /operations/{id} would answer. The stream ends with the operation, and when a person is waited for.',
    needs: 'any-role',
    answer: { status: 200, stream: 'text/event-stream', description: 'Events until the operation rests.' },
    problems: ['operation-not-found', 'import-not-found'],
  })
  async stream(@Param('id') id: string, @Res() response: Response): Promise<void> {
    const { source, subject } = this.find(id);
    await streamOperation(source, id, subject, response, this.parts.stopping);
  }

  private find(id: string): { readonly source: OperationSource; readonly subject: string } {
    const source = this.sources.find(({ kind }) => id.startsWith(`${kind}-`));
    if (source === undefined) throw new WaybillError('operation-not-found', { operation: id });
    return { source, subject: id.slice(source.kind.length + 1) };
  }
}
