import { Body, Controller, Post, Query, Req, Res } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { CollectContent } from '@waybill/catalog';
import { Contexts } from './contexts.js';
import { CollectDto, CollectionDto } from './dto/retention.dto.js';
import { DryRunDto } from './dto/write.dto.js';
import { Operation } from './operation.js';

/** What the content store holds of packages and images. */
@ApiTags('packages')
@Controller('content')
export class ContentController {
  constructor(
    private readonly commands: CommandBus,
    private readonly contexts: Contexts,
  ) {}

  @Post('collect')
  @Operation({
    summary: 'Take out of the content store what nothing needs any more',
    description:
      'Layers and other content that no version on offer, no instance, no rollback within the retention of its instance and no unfinished import needs, and exported packages that are old or of withdrawn versions. It comes back by importing the packages again. A dry run tells what would go, and why the rest stays.',
    needs: [],
    writes: true,
    answer: { status: 200, type: CollectionDto, description: 'What is gone.' },
    problems: ['claim-held'],
  })
  async collect(
    @Body() { exportDays }: CollectDto,
    @Query() _query: DryRunDto,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<CollectionDto> {
    const options = exportDays === undefined ? {} : { exportDays };
    const { revision, position, ...collection } = await this.commands.execute(
      new CollectContent(options, this.contexts.command(request)),
    );
    this.contexts.answered(response, { revision, position });
    return collection;
  }
}
