import type { ReadModels, RebuildProgress } from '@waybill/event-store';
import { WaybillError, type Clock, type Instant, type ProgressNews } from '@waybill/kernel';
import type { Logger } from 'pino';
import type { OperationDto } from '../http/dto/operation.dto.js';
import { failureProblem, type OperationSource } from '../http/operations.js';

/** Rebuilds of this server's read models, as operations. They are local and leave no event: what they make follows from the log alone. */
export interface Rebuilds extends OperationSource {
  readonly kind: 'rebuild';
  view(id: string): Promise<OperationDto>;
  watch(id: string, listener: (news: ProgressNews) => void): () => void;
  /** Begins a rebuild, or joins the one at work; the same id begins nothing twice. Answers the operation. */
  begin(id: string): string;
}

interface Entry {
  readonly id: string;
  readonly began: Instant;
  readonly state: 'running' | 'succeeded' | 'failed';
  readonly updated: Instant;
  readonly progress?: RebuildProgress;
  readonly failure?: string;
}

/** As many are remembered after their end. */
const REMEMBERED = 20;

export function rebuilds(parts: {
  readonly readModels: Pick<ReadModels, 'rebuild'>;
  readonly clock: Clock;
  readonly logger: Logger;
}): Rebuilds {
  const { readModels, clock, logger } = parts;
  const entries = new Map<string, Entry>();
  const listeners = new Set<(news: ProgressNews) => void>();

  const change = (entry: Entry) => {
    entries.set(entry.id, entry);
    listeners.forEach((listener) => listener(entry.state === 'running' ? 'report' : 'rest'));
  };
  const forgetOldest = () => {
    for (const id of [...entries.keys()].slice(0, -REMEMBERED)) entries.delete(id);
  };

  async function carryOut(first: Entry): Promise<void> {
    let entry = first;
    try {
      await readModels.rebuild((progress) => change((entry = { ...entry, progress, updated: clock.now() })));
      logger.info({ rebuild: first.id }, 'the read models were rebuilt');
      change({ ...entry, state: 'succeeded', updated: clock.now() });
    } catch (error) {
      logger.error({ err: error, rebuild: first.id }, 'the read models could not be rebuilt; the present ones stay');
      const failure = error instanceof Error ? error.message : String(error);
      change({ ...entry, state: 'failed', failure, updated: clock.now() });
    }
  }

  return {
    kind: 'rebuild',
    begin(id) {
      const running = [...entries.values()].find(({ state }) => state === 'running');
      const known = entries.get(id) ?? running;
      if (known !== undefined) return `rebuild-${known.id}`;
      const now = clock.now();
      const entry: Entry = { id, began: now, updated: now, state: 'running' };
      change(entry);
      forgetOldest();
      void carryOut(entry);
      return `rebuild-${id}`;
    },
    // eslint-disable-next-line @typescript-eslint/require-await -- what it throws has to become a rejection
    async view(id) {
      const entry = entries.get(id);
      if (entry === undefined) throw new WaybillError('operation-not-found', { operation: `rebuild-${id}` });
      return viewOf(entry);
    },
    watch(_id, listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

function viewOf({ id, state, began, updated, progress, failure }: Entry): OperationDto {
  return {
    id: `rebuild-${id}`,
    kind: 'rebuild',
    state,
    detail: state === 'running' ? 'the present read models serve until the new ones are ready' : state,
    subject: '/api/v1/admin/rebuild',
    started: began,
    ...(state === 'running' ? {} : { ended: updated }),
    updated,
    ...(state === 'running' && progress !== undefined ? { progress: { ...stepOf(progress), at: updated } } : {}),
    ...(failure === undefined ? {} : { failure: failureProblem({ code: 'operation-failed', message: failure }) }),
  };
}

const stepOf = ({ position, head }: RebuildProgress) => ({
  step: `replaying the log: ${shareOf(position, head)} %`,
});

const shareOf = (position: bigint, head: bigint): number =>
  head <= 0n || position >= head ? 100 : position < 0n ? 0 : Number((position * 100n) / head);
