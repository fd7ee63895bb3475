import { together, WaybillError } from '@waybill/kernel';
import type { UnitRef, UnitSpec } from '../runtime.js';
import type { Connection } from './connection.js';
import { containersOf } from './containers.js';
import { giveName, isOn, takeName } from './inside.js';
import { networksOf } from './networks.js';
import { checkPorts, passPorts } from './passPorts.js';

/**
 * Gives a unit the component's name and ports and takes them from the others; docs/adr/0004 has the measured reasons for the order:
 * the new one gets the name beside the old one, the ports change hands in one go, and only then the old one loses the name.
 */
export async function switchTraffic(
  connection: Connection,
  to: UnitRef,
  spec: UnitSpec,
  replacing: readonly UnitRef[],
): Promise<void> {
  const [networks, joining, replaced] = await Promise.all([
    networksOf(connection, to.instance),
    containersOf(connection, to),
    Promise.all(replacing.map((ref) => containersOf(connection, ref))),
  ]);
  const leaving = replaced.flat();
  if (joining.length === 0) {
    const reason = 'its containers are gone';
    throw new WaybillError('engine-refused', { action: `let ${spec.componentName} serve`, reason });
  }
  const taking = joining.filter((container) => container.publishes && !isOn(container, networks.outside.name));
  const yielding = leaving.filter((container) => container.publishes && isOn(container, networks.outside.name));
  if (taking.length > 0) await checkPorts(connection, spec, [...joining, ...leaving]);
  await together(joining.map((container) => giveName(connection, networks, container)));
  await passPorts(connection, networks, spec, yielding, taking);
  await together(leaving.filter((one) => !yielding.includes(one)).map((one) => takeName(connection, networks, one)));
}
