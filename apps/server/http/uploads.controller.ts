import { Controller, Get, Inject, Query, Req } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { digest } from '@waybill/kernel';
import type { Request } from 'express';
import { PARTS, type Parts } from '../parts.js';
import { ListUploadsDto, UploadListDto } from './dto/upload.dto.js';
import { Operation } from './operation.js';
import { requestInfo } from './requestInfo.js';

/** What of uploads is not the protocol's. */
@ApiTags('packages')
@Controller('uploads')
export class UploadsController {
  constructor(@Inject(PARTS) private readonly parts: Pick<Parts, 'uploads'>) {}

  @Get()
  @Operation({
    summary: 'List your uploads: those to go on with, and those not used yet',
    description: 'An upload is removed when it was used, and a week after its last byte.',
    needs: ['publisher', 'operator'],
    answer: { status: 200, type: UploadListDto, description: 'Newest first.' },
  })
  async list(@Query() { sha256 }: ListUploadsDto, @Req() request: Request): Promise<UploadListDto> {
    const account = requestInfo(request).identity?.account ?? '';
    return { items: await this.parts.uploads.list(account, sha256 === undefined ? undefined : digest(sha256)) };
  }
}
