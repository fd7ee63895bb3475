import type { Readable } from 'node:stream';

/** Reads the engine's answer to a load to its end; gives the failure it tells of, if any. `onSign`: the engine is alive. */
export async function loadFailure(answer: Readable, onSign: () => void): Promise<string | undefined> {
  let rest = '';
  let failure: string | undefined;
  for await (const piece of answer) {
    onSign();
    const lines = (rest + (piece as Buffer).toString('utf8')).split('\n');
    rest = (lines.pop() ?? '').slice(-MAX_LINE);
    for (const line of lines) failure ??= failureIn(line);
  }
  return failure ?? failureIn(rest);
}

const MAX_LINE = 65_536;

/** The failure that a line of the progress stream tells of. */
export function failureIn(line: string): string | undefined {
  if (line.trim() === '') return undefined;
  let message: unknown;
  try {
    message = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (typeof message !== 'object' || message === null) return undefined;
  const { error, errorDetail, stream } = message as { error?: unknown; errorDetail?: unknown; stream?: unknown };
  if (typeof error === 'string') return error;
  if (typeof errorDetail === 'object' && errorDetail !== null && 'message' in errorDetail) {
    return String(errorDetail.message);
  }
  // The containerd store tells of a failed unpacking in passing only.
  return typeof stream === 'string' && /error unpacking image/i.test(stream) ? stream.trim() : undefined;
}
