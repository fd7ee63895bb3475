import type { Connection } from './connection.js';
import { read } from './call.js';

/** With which code a container ended that runs again: its state has forgotten it, the engine's events have not. */
export async function exitCodeAt(
  connection: Connection,
  id: string,
  finishedAt: string,
  signal: AbortSignal,
): Promise<number | undefined> {
  const seconds = Date.parse(finishedAt) / 1000;
  const query = {
    since: (seconds - MARGIN).toFixed(3),
    // The engine answers when this moment is past.
    until: (seconds + MARGIN).toFixed(3),
    filters: JSON.stringify({ container: [id], event: ['die'] }),
  };
  const text = await read(
    connection,
    { action: 'tell how a container ended', method: 'GET', path: '/events', query, signal },
    async (answer) => String(Buffer.concat((await answer.toArray()) as Buffer[])),
  );
  return lastExitCode(text);
}

const MARGIN = 1;

/** The exit code in the last of these events, one a line. */
export function lastExitCode(events: string): number | undefined {
  const last = events.trim().split('\n').at(-1) ?? '';
  if (last === '') return undefined;
  const { Actor } = JSON.parse(last) as { readonly Actor?: { readonly Attributes?: { readonly exitCode?: string } } };
  const code = Actor?.Attributes?.exitCode;
  return code === undefined ? undefined : Number(code);
}
