import { callFor } from './call.js';
import type { Connection } from './connection.js';
import { containerPath, type OwnContainer } from './containers.js';

/**
 * An engine that was killed stops its containers when it is started again, takes that for the wish of a person, and leaves those alone that
 * are to run "unless stopped". So containers run under `always`, and under the other policy only while they are halted.
 */
export const KEPT_UP = 'always';
const HALTED = 'unless-stopped';

/** From now on the engine starts the container whenever it is started itself; one that runs once is left as it is. */
export const keepUp = (connection: Connection, container: OwnContainer): Promise<void> =>
  change(connection, container, HALTED, KEPT_UP);

/** From now on the engine leaves the container alone once it was stopped. */
export const leaveDown = (connection: Connection, container: OwnContainer): Promise<void> =>
  change(connection, container, KEPT_UP, HALTED);

async function change(
  connection: Connection,
  { id, name, info }: OwnContainer,
  from: string,
  to: string,
): Promise<void> {
  if (info.HostConfig.RestartPolicy?.Name !== from) return;
  await callFor(connection, {
    action: `tell when to start the container ${name}`,
    method: 'POST',
    path: `${containerPath(id)}/update`,
    body: { RestartPolicy: { Name: to } },
  });
}
