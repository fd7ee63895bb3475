// A process of its own around a store, for tests that kill it: `node storeProcess.mjs write|hold|try <file> <round>`.
// It runs on the compiled code, and says what happened in lines of JSON; a line that was written survives the process.
import { writeSync } from 'node:fs';
import { openSqliteEventStore } from '@waybill/event-store';
import { derivedId } from '@waybill/kernel';

const WRITERS = 8;
const [task, file, round] = process.argv.slice(2);
const say = (line) => writeSync(1, `${JSON.stringify(line)}\n`);

const tasks = { write, hold, try: attempt };
await tasks[task]();

async function write() {
  const store = await openSqliteEventStore({ file });
  say({ opened: store.identity });
  await Promise.all(Array.from({ length: WRITERS }, (_, writer) => keepWriting(store, writer)));
}

/** One to three events at the exact revision to the writer's own stream, then one to the stream of all; without end. */
async function keepWriting(store, writer) {
  const own = `writer-${writer}`;
  let last = -1n;
  for await (const event of store.read(own)) last = event.revision;
  for (let n = 0; ; n++) {
    const events = Array.from({ length: 1 + ((n + writer) % 3) }, (_, i) => eventOf(`${own}/${n}/${i}`, { n, i }));
    await acknowledged(store, own, last, events);
    last += BigInt(events.length);
    await acknowledged(store, 'shared', 'any', [eventOf(`shared/${writer}/${n}`, { writer, n })]);
  }
}

function eventOf(name, data) {
  const filler = 'x'.repeat(name.length * 37);
  return { id: derivedId(round, name), type: 'written.v1', data: { ...data, round, filler }, metadata: { round } };
}

async function acknowledged(store, stream, expected, events) {
  const { revision } = await store.append(stream, expected === -1n ? 'no_stream' : expected, events);
  say({ stream, revision: String(revision), ids: events.map((event) => event.id) });
}

async function hold() {
  const store = await openSqliteEventStore({ file });
  say({ opened: store.identity });
  process.stdin.on('end', () => void store.close().then(() => say({ closed: true })));
  process.stdin.resume();
}

async function attempt() {
  try {
    const store = await openSqliteEventStore({ file });
    say({ opened: store.identity });
    await store.close();
  } catch (error) {
    say({ code: error.code, message: error.message });
  }
}
