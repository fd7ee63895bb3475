import { call, callFor } from './call.js';
import type { Connection } from './connection.js';
import { containerPath, type OwnContainer } from './containers.js';
import { refusedWith } from './engineError.js';

/** Starts a container; one that runs is fine. */
export const start = (connection: Connection, id: string): Promise<unknown> =>
  call(connection, { action: 'start a container', method: 'POST', path: `${containerPath(id)}/start` });

/** Stops a container, with its own grace unless one is given; one that has stopped or is gone is fine. */
export async function stop(connection: Connection, container: OwnContainer, grace?: number): Promise<void> {
  const seconds = grace ?? (container.info.Config as { StopTimeout?: number }).StopTimeout ?? DEFAULT_GRACE;
  await callFor(connection, {
    action: `stop the container ${container.name}`,
    method: 'POST',
    path: `${containerPath(container.id)}/stop`,
    query: { t: seconds },
    timeoutMs: seconds * 1000 + connection.callTimeoutMs,
  });
}

const DEFAULT_GRACE = 10;

/** Removes a container in whatever state, with its unnamed volumes; one that is gone, or going, is fine. */
export async function removeContainer(connection: Connection, id: string): Promise<void> {
  try {
    await callFor(connection, {
      action: 'remove a container',
      method: 'DELETE',
      path: containerPath(id),
      query: { force: true, v: true },
    });
  } catch (error) {
    if (!refusedWith(error, 409)) throw error;
    await callFor(connection, {
      action: 'wait until a container is removed',
      method: 'POST',
      path: `${containerPath(id)}/wait`,
      query: { condition: 'removed' },
    });
  }
}
