import { publishOperation, type Publication, type Publications } from '@waybill/catalog';
import { commandIdOf } from '@waybill/event-store';
import { WaybillError, withoutUndefined, type AccountId, type ProgressBoard } from '@waybill/kernel';
import type { OperationDto } from './dto/operation.dto.js';
import { failureProblem, type OperationSource } from './operations.js';

/**
 * Publications of this server as operations: whoever publishes follows the request itself, under the Idempotency-Key that it was sent with.
 * Nobody else can, and a while after its end it is forgotten.
 */
export function publishOperations(
  publications: Pick<Publications, 'find'>,
  progress: Pick<ProgressBoard, 'of' | 'watch'>,
): OperationSource {
  const operationOf = (key: string, account: string) =>
    publishOperation({ commandId: commandIdOf(account as AccountId, key) });
  return {
    kind: 'publish',
    // eslint-disable-next-line @typescript-eslint/require-await -- what it throws has to become a rejection
    async view(key, account) {
      const operation = operationOf(key, account);
      const publication = publications.find(operation);
      if (publication === undefined) throw new WaybillError('operation-not-found', { operation: `publish-${key}` });
      const now = progress.of(operation);
      const ended = publication.state === 'running' ? undefined : publication.ended;
      return withoutUndefined({
        id: `publish-${key}`,
        kind: 'publish',
        state: publication.state,
        detail: publication.state,
        started: publication.began,
        ended,
        updated: ended ?? now?.at ?? publication.began,
        progress: now,
        ...outcomeOf(publication),
      });
    },
    watch: (key, listener, account) => progress.watch(operationOf(key, account), listener),
  };
}

function outcomeOf(publication: Publication): Pick<OperationDto, 'subject' | 'result' | 'failure'> {
  switch (publication.state) {
    case 'running':
      return { subject: '/api/v1/templates' };
    case 'succeeded': {
      const { template, version, outcome } = publication.result;
      const path = [template, 'versions', version].map(encodeURIComponent).join('/');
      return { subject: `/api/v1/templates/${path}`, result: { template, version, outcome } };
    }
    case 'failed': {
      const { code = 'internal', message = 'An unexpected failure; see the log of the server.' } =
        publication.failure ?? {};
      return { subject: '/api/v1/templates', failure: failureProblem({ code, message }) };
    }
  }
}
