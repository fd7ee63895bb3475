import type { Readable } from 'node:stream';
import type { UnitRef } from '../runtime.js';
import { stream } from './call.js';
import type { Connection } from './connection.js';
import { containerPath, containersOf } from './containers.js';
import { lastOf, payloads } from './logFrames.js';

/** Last lines of what the unit's containers wrote, at most `bytes` of each; each is headed by its name when there are several. */
export async function unitLogs(
  connection: Connection,
  ref: UnitRef,
  lines: number,
  bytes = 1_048_576,
): Promise<string> {
  const containers = await containersOf(connection, ref);
  const texts = await Promise.all(
    containers.map(async ({ id, name }) => {
      const text = await containerLog(connection, id, lines, bytes);
      return containers.length > 1 ? `--- ${name}\n${text}` : text;
    }),
  );
  return texts.join('\n');
}

/** Both outputs of one container, in the order written. */
export async function containerLog(connection: Connection, id: string, lines: number, bytes: number): Promise<string> {
  const answer: Readable = await stream(connection, {
    action: 'read a log',
    method: 'GET',
    path: `${containerPath(id)}/logs`,
    query: { stdout: true, stderr: true, tail: lines },
  });
  return lastOf(payloads(answer), bytes);
}
