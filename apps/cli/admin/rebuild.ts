import { WaybillError } from '@waybill/kernel';
import type { RebuildView } from '../api/admin.js';
import { followOperation } from '../follow.js';
import type { Session } from '../session.js';

/** `waybill admin rebuild`. @throws WaybillError `operation-failed` when the present read models had to stay */
export async function rebuildReadModels(session: Session): Promise<void> {
  const { operation } = await session.client.post<RebuildView>('/admin/rebuild', {});
  const view = await followOperation(session, operation);
  if (view.state !== 'succeeded')
    throw new WaybillError('operation-failed', {
      what: 'The rebuild',
      state: view.state,
      reason: view.failure?.message ?? view.detail,
    });
  session.show(view, () => 'The read models were rebuilt from the log.\n');
}
