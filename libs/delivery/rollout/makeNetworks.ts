import { hasCode, WaybillError } from '@waybill/kernel';
import { handleEngine, loadEngine } from '../app/streams.js';
import { subnetsHeldBy, type SubnetPurpose } from '../domain/reservations.js';
import type { Rollout } from './context.js';

/**
 * Makes the instance's networks on the subnets that are reserved for it.
 * An engine that was killed while it made a network may keep the subnet without showing the network to anybody; something else on the
 * machine may have taken it since it was reserved. Another one does as well.
 */
export async function makeNetworks(rollout: Rollout): Promise<void> {
  const taken: string[] = [];
  for (;;) {
    try {
      await ensureNetworks(rollout);
      return;
    } catch (error) {
      if (!hasCode(error, 'subnet-taken') || taken.length === OTHER_SUBNETS) throw error;
      taken.push(String(error.details['subnet']));
      await replaceSubnet(rollout, error.details['purpose'] as SubnetPurpose, taken);
    }
  }
}

/** Subnets that are tried in the place of one that is taken. */
const OTHER_SUBNETS = 8;

async function ensureNetworks({ runtime, deps, state }: Rollout): Promise<void> {
  const { inside, outside } = subnetsHeldBy(await loadEngine(deps, state.engine), state.id);
  if (inside === undefined || outside === undefined)
    throw new WaybillError('subnets-exhausted', { pool: deps.networkPool });
  await runtime.ensureNetworks({
    instance: state.id,
    instanceName: state.name,
    insideSubnet: inside,
    outsideSubnet: outside,
  });
}

async function replaceSubnet(
  { runtime, deps, state, context, tell }: Rollout,
  purpose: SubnetPurpose,
  taken: readonly string[],
): Promise<void> {
  const subnet = taken.at(-1) ?? '';
  tell(`the engine has no room for the subnet ${subnet}; taking another one`);
  const foreign = [...(await runtime.foreignSubnets(state.id)), ...taken];
  await handleEngine(
    deps,
    state.engine,
    { type: 'replace-subnet', instance: state.id, purpose, subnet, pool: deps.networkPool, foreign },
    context(`replace-subnet/${subnet}`),
  );
}
