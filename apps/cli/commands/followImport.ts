import type { ImportAnswer, ImportView } from '../api/import.js';
import { pathTo } from '../client/client.js';
import { serverProblem } from '../client/serverProblem.js';
import { followOperation } from '../follow.js';
import { importText } from '../output/inspectionText.js';
import type { Session } from '../session.js';
import { writeRequest } from './writeRequest.js';

/**
 * Watches an import until it has ended or waits for a person, and shows it; `brief` leaves out what the package holds, which was shown before.
 * @throws the failure of an import that was refused or failed, with its own code
 */
export async function followImport(
  session: Session,
  { id, operation }: { readonly id: string; readonly operation: string },
  { show, brief = false }: { readonly show: boolean; readonly brief?: boolean },
): Promise<ImportView> {
  await followOperation(session, operation);
  const view = await session.client.get<ImportView>(pathTo('imports', id));
  // The failure is thrown below, and told by whoever catches it.
  if (show) session.show(view, () => importText(view, { brief, told: true }));
  const { failure } = view;
  if (failure?.code === 'layers-missing') await writeRequest(session, failure.details ?? {});
  if (failure !== undefined)
    throw serverProblem({ status: 422, title: 'The import failed', detail: failure.message, code: failure.code });
  return view;
}

/** Takes what was inspected into the catalog, as the number it says or under another. */
export const confirmImport = (session: Session, id: string, version: string | undefined): Promise<ImportAnswer> =>
  session.client.post<ImportAnswer>(pathTo('imports', id, 'confirm'), version === undefined ? {} : { version });
