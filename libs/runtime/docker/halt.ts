import { together } from '@waybill/kernel';
import type { UnitRef, UnitSpec } from '../runtime.js';
import type { Connection } from './connection.js';
import { containersOf } from './containers.js';
import { start, stop } from './lifecycle.js';
import { LABEL } from './labels.js';
import { networksOf } from './networks.js';
import { ensureInside, takeName } from './inside.js';
import { closePorts } from './passPorts.js';
import { keepUp, leaveDown } from './restartPolicy.js';

/** Stops the containers of a unit and takes their name and ports; the engine does not start them again by itself. */
export async function haltUnit(
  connection: Connection,
  ref: UnitRef,
  spec?: Pick<UnitSpec, 'stopGrace'>,
): Promise<void> {
  const containers = await containersOf(connection, ref);
  await together(
    containers.map(async (container) => {
      await leaveDown(connection, container);
      await stop(connection, container, spec?.stopGrace);
    }),
  );
  if (containers.length === 0) return;
  const networks = await networksOf(connection, ref.instance);
  await together(
    containers.map(async (container) => {
      await closePorts(connection, networks, container);
      await takeName(connection, networks, container);
    }),
  );
}

/** Starts the containers of a halted unit again. False: some are gone. */
export async function resumeUnit(connection: Connection, ref: UnitRef): Promise<boolean> {
  const containers = (await containersOf(connection, ref)).filter(
    (container) => container.ref.specDigest === ref.specDigest,
  );
  const wanted = Number(containers[0]?.labels[LABEL.replicas] ?? 1);
  if (containers.length < wanted) return false;
  const networks = await networksOf(connection, ref.instance);
  await together(
    containers.map(async (container) => {
      await ensureInside(connection, networks, container);
      await keepUp(connection, container);
      await start(connection, container.id);
    }),
  );
  return true;
}
