import { handlingOf, readStream, type RecordedEvent } from '@waybill/event-store';
import { WaybillError, type ExportId } from '@waybill/kernel';
import type { Export } from '../domain/export.js';
import { exportDecider } from '../domain/exportDecider.js';
import type { ExportEvent } from '../domain/exportEvents.js';
import { exportSerde } from '../domain/serde.js';
import { exportStream } from '../domain/streams.js';
import type { CatalogDependencies } from './dependencies.js';

type Log = Pick<CatalogDependencies, 'store' | 'clock'>;

export const exportHandling = handlingOf(exportSerde, exportDecider);

/** An export as the log has it now. */
export interface LoadedExport {
  readonly id: ExportId;
  readonly state: Exclude<Export, { kind: 'absent' }>;
  readonly revision: bigint;
  readonly requested: RecordedEvent<ExportEvent>;
  readonly last: RecordedEvent<ExportEvent>;
}

/** @throws WaybillError `export-not-found` */
export async function loadExport(log: Pick<Log, 'store'>, id: ExportId): Promise<LoadedExport> {
  const found = await findExport(log, id);
  if (found === undefined) throw new WaybillError('export-not-found', { export: id });
  return found;
}

export async function findExport({ store }: Pick<Log, 'store'>, id: ExportId): Promise<LoadedExport | undefined> {
  let state: Export = exportDecider.initialState();
  const events: RecordedEvent<ExportEvent>[] = [];
  for await (const recorded of readStream(store, exportSerde, exportStream(id))) {
    state = exportDecider.evolve(state, recorded.event);
    events.push(recorded);
  }
  const [requested, last] = [events[0], events.at(-1)];
  if (state.kind === 'absent' || requested === undefined || last === undefined) return undefined;
  return { id, state, revision: last.revision, requested, last };
}
