// May this append be written, was it written before, or is the expectation wrong? As the genuine server decides it.
const NO_STREAM = -1n;

/**
 * @param {'any' | 'no_stream' | 'stream_exists' | bigint} expected
 * @param {readonly string[]} ids of the events to append
 * @param {{ last: bigint, tombstoned: boolean, softDeleted: boolean, hasMetadata: boolean, idAt(revision: bigint): string | undefined, recent(id: string): bigint | undefined }} stream
 *   `last` is -1n for a stream without events; `recent` knows only ids that were written since the server started
 * @returns {{ verdict: 'write' | 'wrong' | 'deleted' } | { verdict: 'repeated', revision: bigint }}
 */
export function judge(expected, ids, stream) {
  if (stream.tombstoned) return { verdict: 'deleted' };
  if (expected === 'stream_exists' && stream.last < 0n && !stream.hasMetadata) return { verdict: 'wrong' };
  if (expected === 'any' || expected === 'stream_exists') return judgeByRecentIds(ids, stream);
  const revision = expected === 'no_stream' ? NO_STREAM : expected;
  if (revision > stream.last) return { verdict: 'wrong' };
  return revision === stream.last ? { verdict: 'write' } : judgeByPlace(revision, ids, stream);
}

/** Without an exact revision an append is recognised by what the server remembers, hence not after a restart. */
function judgeByRecentIds(ids, stream) {
  const known = ids.map((id) => stream.recent(id));
  if (known.length === 0 || known[0] === undefined) return { verdict: 'write' };
  return known.includes(undefined) ? { verdict: 'wrong' } : { verdict: 'repeated', revision: known.at(-1) };
}

/** With an exact revision an append is recognised by what stands in the stream at its place; payloads are not compared. */
function judgeByPlace(revision, ids, stream) {
  for (const [index, id] of ids.entries()) {
    if (stream.idAt(revision + 1n + BigInt(index)) === id) continue;
    return { verdict: index === 0 && revision === NO_STREAM && stream.softDeleted ? 'write' : 'wrong' };
  }
  return ids.length === 0 ? { verdict: 'write' } : { verdict: 'repeated', revision: revision + BigInt(ids.length) };
}
