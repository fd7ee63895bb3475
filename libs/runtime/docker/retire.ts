import { together } from '@waybill/kernel';
import type { UnitRef } from '../runtime.js';
import type { Connection } from './connection.js';
import { containersOf } from './containers.js';
import { removeContainer, stop } from './lifecycle.js';

/** Stops and removes the containers of a unit, with the unnamed volumes that came with them. */
export async function retireUnit(connection: Connection, ref: UnitRef): Promise<void> {
  await together(
    (await containersOf(connection, ref)).map(async (container) => {
      await stop(connection, container);
      await removeContainer(connection, container.id);
    }),
  );
}
