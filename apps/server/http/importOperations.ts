import type { QueryBus } from '@nestjs/cqrs';
import { GetImport, type ImportView, type ProgressBoard } from '@waybill/catalog';
import type { OperationDto } from './dto/operation.dto.js';
import type { OperationSource } from './operations.js';

/** Imports as operations. */
export function importOperations(
  queries: Pick<QueryBus, 'execute'>,
  progress: Pick<ProgressBoard, 'watch'>,
): OperationSource {
  return {
    kind: 'import',
    async view(id) {
      const view = await queries.execute(new GetImport(id));
      return {
        id: view.operation,
        kind: 'import',
        state: stateOf(view),
        detail: view.state,
        subject: `/api/v1/imports/${view.id}`,
        updated: view.updated,
        ...(view.progress === undefined ? {} : { progress: view.progress }),
        ...(view.result === undefined ? {} : { result: view.result }),
        ...(view.failure === undefined ? {} : { failure: view.failure }),
      };
    },
    watch: (operation, listener) => progress.watch(operation, listener),
  };
}

function stateOf({ state, confirm }: Pick<ImportView, 'state' | 'confirm'>): OperationDto['state'] {
  switch (state) {
    case 'absent':
    case 'reading':
    case 'storing':
    case 'cataloguing':
      return 'running';
    case 'inspected':
      return confirm ? 'running' : 'waiting';
    case 'completed':
      return 'succeeded';
    case 'refused':
    case 'failed':
    case 'discarded':
      return 'failed';
  }
}
