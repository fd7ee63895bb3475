import { ApiProperty } from '@nestjs/swagger';

export class RebuildAnswerDto {
  @ApiProperty({ description: 'Poll or stream it under /operations; known to this server until it restarts.' })
  readonly operation!: string;
}

export class FindingDto {
  @ApiProperty({ example: 'documents' })
  readonly check!: string;
  @ApiProperty({
    enum: ['fine', 'remark', 'problem'],
    description: '`problem`: lost, in danger, or not working; `remark`: worth knowing.',
  })
  readonly state!: 'fine' | 'remark' | 'problem';
  @ApiProperty({ description: 'One sentence.' })
  readonly detail!: string;
  @ApiProperty({ type: [String], description: 'What is concerned; the first fifty.' })
  readonly items!: readonly string[];
}

export class DiagnosisDto {
  @ApiProperty({ description: 'No check found a problem.' })
  readonly healthy!: boolean;
  @ApiProperty({ type: [FindingDto] })
  readonly findings!: readonly FindingDto[];
}
