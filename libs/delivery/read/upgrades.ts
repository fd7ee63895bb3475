import { compareVersions, type InstanceId } from '@waybill/kernel';
import type { DeliveryDependencies, OfferedVersion } from '../app/dependencies.js';
import { loadInstance } from '../app/streams.js';

/** Versions that an instance can go up to, lowest first. @throws WaybillError `instance-not-found` */
export async function readUpgrades(
  deps: Pick<DeliveryDependencies, 'store' | 'templates'>,
  id: InstanceId,
): Promise<{ readonly current: string | null; readonly upgrades: readonly OfferedVersion[] }> {
  const { state } = await loadInstance(deps, id);
  const offered = await deps.templates.versions(state.template.key);
  const current = state.version?.version ?? null;
  return {
    current,
    upgrades: offered.filter(({ version }) => current === null || compareVersions(version, current) > 0),
  };
}
