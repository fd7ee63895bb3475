import { WaybillError, type Clock } from '@waybill/kernel';
import { checkedAppend } from './checkedAppend.js';
import { documents, type Documents } from './documents.js';
import type { Actor, CommandContext, StoredEvent } from './event.js';
import type { EventStore, ExpectedRevision } from './eventStore.js';

/** What a command works on: the log and its documents, or, in a dry run, ones that keep to themselves what is written. */
export function workingOn<
  Dependencies extends {
    readonly store: EventStore;
    readonly documents: Documents;
    readonly clock: Clock;
    readonly actor: Actor;
  },
>(dependencies: Dependencies, { dryRun }: Pick<CommandContext, 'dryRun'>): Dependencies {
  if (dryRun !== true) return dependencies;
  const store = dryRunStore(dependencies.store);
  return { ...dependencies, store, documents: documents(store, dependencies.clock, dependencies.actor) };
}

/**
 * The store for a command that is only tried out: what is appended can be read back from here, stream by stream, and never reaches the log.
 * So a dry run checks and decides all that the command itself would. `readAll` and `subscribe` tell of the log alone.
 */
export function dryRunStore(store: EventStore): EventStore {
  const added = new Map<string, readonly StoredEvent[]>();

  async function* read(stream: string, from?: bigint): AsyncIterable<StoredEvent> {
    yield* store.read(stream, from);
    yield* (added.get(stream) ?? []).filter(({ revision }) => from === undefined || revision > from);
  }

  async function lastOf(stream: string): Promise<Pick<StoredEvent, 'revision' | 'position'>> {
    let last = { revision: -1n, position: -1n };
    for await (const { revision, position } of read(stream)) last = { revision, position };
    return last;
  }

  return {
    identity: store.identity,
    read,
    readAll: (after, filter) => store.readAll(after, filter),
    subscribe: (options) => store.subscribe(options),
    head: () => store.head(),
    close: () => Promise.resolve(),
    async append(stream, expected, events) {
      checkedAppend(stream, events);
      const last = await lastOf(stream);
      if (!fits(expected, last.revision))
        throw new WaybillError('wrong-expected-revision', {
          stream,
          expected: String(expected),
          actual: String(last.revision),
        });
      const position = await store.head();
      const stored = events.map((event, index): StoredEvent => {
        const place = BigInt(index) + 1n;
        return { ...event, stream, revision: last.revision + place, position: position + place };
      });
      added.set(stream, [...(added.get(stream) ?? []), ...stored]);
      return { ...last, ...stored.at(-1), outcome: 'written' };
    },
  };
}

function fits(expected: ExpectedRevision, present: bigint): boolean {
  switch (expected) {
    case 'any':
      return true;
    case 'stream_exists':
      return present >= 0n;
    case 'no_stream':
      return present === -1n;
    default:
      return present === expected;
  }
}
