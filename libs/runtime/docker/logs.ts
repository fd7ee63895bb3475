import type { UnitRef } from '../runtime.js';
import { read } from './call.js';
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

/** Both outputs of one container, in the order written; `until`, as the engine writes times, leaves out what came later. */
export async function containerLog(
  connection: Connection,
  id: string,
  lines: number,
  bytes: number,
  until?: string,
): Promise<string> {
  const query = {
    stdout: true,
    stderr: true,
    // The engine counts lines before it leaves any out.
    ...(until === undefined ? { tail: lines } : { tail: lines + LATER_LINES, until: justAfter(until) }),
  };
  const text = await read(
    connection,
    { action: 'read a log', method: 'GET', path: `${containerPath(id)}/logs`, query },
    (answer) => lastOf(payloads(answer), bytes),
  );
  return text
    .split(/(?<=\n)/)
    .slice(-lines)
    .join('');
}

/** How much a container that was started again may have written since. */
const LATER_LINES = 5000;

// A container's last line is stamped a little after its end; the engine waits 100 ms before it starts one again.
const justAfter = (time: string): string => ((Date.parse(time) + 50) / 1000).toFixed(3);
