// The log of the stand-in: streams, their metadata, and the order of all events.
import { randomUUID } from 'node:crypto';
import { judge } from './expected.mjs';

/** Revision of a tombstone, and the `$tb` of a soft delete. */
export const DELETED = 9223372036854775807n;
/** Most bytes of data one append may hold; types and metadata are not counted. */
export const MAX_APPEND_SIZE = 1_048_576;

/** The server stamps events in units of 100 ns. */
const ticksNow = () => String(BigInt(Date.now()) * 10_000n);
const systemEvent = (type, data) => ({
  id: randomUUID(),
  type,
  contentType: 'application/json',
  data: Buffer.from(JSON.stringify(data).replace(`"${DELETED}"`, String(DELETED))),
  metadata: Buffer.alloc(0),
});

/** Reads what storage holds; on an empty one writes the system events that a server's first start leaves. */
export function openLog(storage) {
  const events = [];
  const streams = new Map();
  const listeners = new Set();
  /** Ids written since this start, by stream. */
  const recent = new Map();
  let end = 0n;
  let closed = false;

  const streamOf = (name) => streams.get(name) ?? { name, events: [], tombstoned: false, metadata: undefined };

  function place(event) {
    const stream = streamOf(event.stream);
    streams.set(event.stream, stream);
    if (event.type === '$streamDeleted') stream.tombstoned = true;
    else stream.events.push(event);
    events.push(event);
    end = event.position + sizeOf(event);
    if (event.stream.startsWith('$$')) setMetadata(event.stream.slice(2), event.data);
  }

  function setMetadata(name, data) {
    const stream = streamOf(name);
    streams.set(name, stream);
    stream.metadata = parsed(data);
  }

  /** Places events of one commit one after the other, stores them, then tells the subscriptions. */
  function commit(proposals) {
    let position = end;
    const next = new Map();
    const placed = proposals.map(({ stream, revision, ...event }) => {
      const at = revision ?? next.get(stream) ?? lastOf(stream) + 1n;
      next.set(stream, at + 1n);
      const whole = { ...event, stream, revision: at, position, created: ticksNow() };
      position += sizeOf(whole);
      return whole;
    });
    storage.save(placed);
    for (const event of placed) {
      place(event);
      remember(event);
    }
    for (const told of listeners) told();
    return placed;
  }

  function remember(event) {
    const ids = recent.get(event.stream) ?? new Map();
    recent.set(event.stream, ids);
    ids.set(event.id, event.revision);
  }

  const lastOf = (name) => BigInt(streamOf(name).events.length) - 1n;
  /** A tombstone takes a stream's metadata with it. */
  const isTombstoned = (name) =>
    streamOf(name).tombstoned || (name.startsWith('$$') && streamOf(name.slice(2)).tombstoned);
  const isSoftDeleted = (stream) => firstKept(stream) === DELETED;

  function judged(name, expected, ids) {
    const stream = streamOf(name);
    return judge(expected, ids, {
      last: lastOf(name),
      tombstoned: isTombstoned(name),
      softDeleted: isSoftDeleted(stream),
      hasMetadata: stream.metadata !== undefined,
      idAt: (revision) => stream.events[Number(revision)]?.id,
      recent: (id) => recent.get(name)?.get(id),
    });
  }

  for (const stored of storage.load()) for (const event of stored) place(event);
  if (events.length === 0) {
    commit([
      { stream: '$$$stats', ...systemEvent('$metadata', { $maxAge: 2_592_000 }) },
      { stream: '$user-admin', ...systemEvent('$UserCreated', { loginName: 'admin' }) },
      { stream: '$users', ...systemEvent('$User', { loginName: 'admin' }) },
    ]);
  }
  commit([{ stream: '$epoch-information', ...systemEvent('$EpochInformation', { epochNumber: events.length }) }]);

  return {
    /** All events in log order. */
    events,
    stream: streamOf,
    end: () => end,
    lastOf,
    /** What a reader may see of the stream, and whether there is such a stream. */
    visible(name) {
      const stream = streamOf(name);
      const first = firstKept(stream);
      const found = stream.events.length > 0 && first !== DELETED;
      const from = found && first < BigInt(stream.events.length) ? Number(first) : stream.events.length;
      return { found, tombstoned: isTombstoned(name), from, events: stream.events };
    },
    /** Index in `events` of the first event at or after the position. */
    indexAt(position) {
      let low = 0;
      let high = events.length;
      while (low < high) {
        const middle = (low + high) >> 1;
        if (events[middle].position < position) low = middle + 1;
        else high = middle;
      }
      return low;
    },
    append(name, expected, proposals) {
      if (proposals.reduce((sum, { data }) => sum + data.length, 0) > MAX_APPEND_SIZE) return { verdict: 'too-large' };
      const judgement = judged(
        name,
        expected,
        proposals.map(({ id }) => id),
      );
      const stream = streamOf(name);
      if (judgement.verdict === 'repeated')
        return { ...judgement, position: stream.events[Number(judgement.revision)].position };
      if (judgement.verdict !== 'write') return { ...judgement, last: lastOf(name) };
      if (proposals.length === 0) return { verdict: 'written', revision: lastOf(name), position: end };
      const revived = isSoftDeleted(stream) ? [revival(stream)] : [];
      const written = commit([...proposals.map((event) => ({ stream: name, ...event })), ...revived]);
      const last = written[proposals.length - 1];
      return { verdict: 'written', revision: last.revision, position: last.position };
    },
    /** A soft delete hides what is there; a tombstone ends the stream for ever. */
    remove(name, expected, how) {
      const stream = streamOf(name);
      const judgement = judged(name, expected, []);
      if (judgement.verdict !== 'write') return { ...judgement, last: lastOf(name) };
      if (expected === 'any' && how === 'soft' && stream.events.length === 0) return { verdict: 'wrong', last: -1n };
      if (expected !== 'any' && expected !== 'stream_exists' && expectedNumber(expected) !== lastOf(name))
        return { verdict: 'wrong', last: lastOf(name) };
      const event =
        how === 'tombstone'
          ? { stream: name, revision: DELETED, ...systemEvent('$streamDeleted', {}) }
          : {
              stream: `$$${name}`,
              ...systemEvent('$metadata', { ...stream.metadata, $tb: String(DELETED) }),
            };
      return { verdict: 'written', position: commit([event])[0].position };
    },
    /** @param {() => void} told called after each commit @returns {() => void} to end it */
    onCommit(told) {
      listeners.add(told);
      return () => listeners.delete(told);
    },
    /** Has the server that this log was opened for been killed? Calls that are still on their way then must not be carried out. */
    isClosed: () => closed,
    close() {
      closed = true;
      listeners.clear();
      storage.close();
    },
  };
}

/** What the first append after a soft delete writes beside its events: only what was there before stays hidden. */
const revival = (stream) => ({
  stream: `$$${stream.name}`,
  ...systemEvent('$metadata', { ...stream.metadata, $tb: stream.events.length }),
});

const expectedNumber = (expected) => (expected === 'no_stream' ? -1n : expected);

/** Positions are places in a file of records, so they grow by a record's size; anything between is no boundary. */
const sizeOf = ({ stream, type, data, metadata }) =>
  BigInt(98 + Buffer.byteLength(stream) + Buffer.byteLength(type) + data.length + metadata.length);

/** Revision of the first event that `$tb`, `$maxCount` and `$maxAge` leave to readers. */
function firstKept({ events, metadata }) {
  const { $tb = 0, $maxCount, $maxAge } = metadata ?? {};
  if ($tb >= Number(DELETED)) return DELETED;
  const byCount = $maxCount === undefined ? 0 : events.length - $maxCount;
  const oldest = BigInt(Date.now() - ($maxAge ?? 0) * 1000) * 10_000n;
  const byAge = $maxAge === undefined ? 0 : events.findIndex(({ created }) => BigInt(created) >= oldest);
  return BigInt(Math.max($tb, byCount, byAge < 0 ? events.length : byAge, 0));
}

function parsed(data) {
  try {
    return JSON.parse(data.toString('utf8'));
  } catch {
    return {};
  }
}
