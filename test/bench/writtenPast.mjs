import { randomUUID } from 'node:crypto';
import { recordEvents } from './siteLog.mjs';
import { recorded } from './someLog.mjs';

/**
 * Writes records into the log of an instance as if they had been carried out, which takes an engine many seconds each: the first of the plans
 * installs, the others follow in turn. `between(n)` is what happens before the nth record.
 * @returns {Promise<string[]>} the moments at which the records ended
 */
export async function writePast(store, { instance, plans, count, between = () => [] }) {
  const stream = `instance-${instance.id}`;
  let revision = BigInt(instance.revision);
  let from = null;
  const moments = [];
  const began = Date.now();
  for (let n = 0; n < count; n += 1) {
    const { digest: plan, to, desired, ports, steps } = plans[n % plans.length];
    const kind = n === 0 ? 'install' : 'upgrade';
    const components = steps.map(({ component }) => component);
    const events = [
      ...between(n),
      ...recordEvents({ record: randomUUID(), kind, plan, desired, from, to, ports, components }),
    ];
    const stored = events.map((event, i) =>
      withTime(recorded(Number(revision) + 1 + i, event), began + n * 60_000 + i * 1_000),
    );
    ({ revision } = await store.append(stream, revision, stored));
    moments.push(stored.at(-1).metadata.recordedAt);
    from = to;
  }
  return moments;
}

const withTime = (event, time) => ({
  ...event,
  id: randomUUID(),
  metadata: { ...event.metadata, recordedAt: new Date(time).toISOString() },
});
