import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { smallPackage } from './bigPackage.mjs';
import { median, percentile } from './report.mjs';
import { event } from './siteLog.mjs';
import { siteServer } from './siteServer.mjs';
import { timed } from './timed.mjs';
import { writePast } from './writtenPast.mjs';

const RECORDS = 1_000;
const COMPONENTS = 5;
const MOMENTS = 200;

/** What an instance with 1,000 records was at moments all over its history, asked for over HTTP; and what it is now. */
export async function bench({ add, onEnd }) {
  const folder = await mkdtemp(join(tmpdir(), 'waybill-bench-'));
  onEnd(() => rm(folder, { recursive: true, force: true }));
  const site = await siteServer({ importRoot: folder });
  onEnd(() => site.stop());
  const key = `bench-${randomUUID()}`;
  const plans = [];
  for (const version of ['1.0', '2.0']) {
    const more = () => ({ service_env_map_list: [variable(version)] });
    await site.import(await smallPackage(folder, { key, version, components: COMPONENTS, more }));
    const name = `${key.slice(0, 14)}-${version.slice(0, 1)}`;
    await site.create(name, key, version);
    plans.push(await site.plan(name, { kind: 'install', version }));
  }
  const name = `${key.slice(0, 14)}-1`;
  const instance = await site.ask('GET', `/instances/${name}`);
  let moments;
  await site.offline(async (store) => {
    const [component] = plans[0].steps.map((step) => step.component);
    const between = (n) => [
      event('setting-changed', { component, path: `env/SITE_${n % 5}`, value: { scope: 'own', text: String(n) } }),
    ];
    moments = await writePast(store, { instance, plans, count: RECORDS, between });
  });

  const ask = async (n) => {
    const at = moments[Math.floor((n * RECORDS) / MOMENTS + ((n * 7) % 5))];
    const { seconds, result } = await timed(() =>
      site.ask('GET', `/instances/${name}/state?at=${encodeURIComponent(at)}`),
    );
    if (result.components.length !== COMPONENTS)
      throw new Error(`the state has ${result.components.length} components`);
    return seconds * 1_000;
  };
  const cold = await ask(MOMENTS / 2);
  const times = [];
  for (let n = 0; n < MOMENTS; n += 1) times.push(await ask(n));
  const now = [];
  for (let n = 0; n < 20; n += 1) now.push((await timed(() => site.ask('GET', `/instances/${name}`))).seconds * 1_000);
  add({ what: 'state at a moment, first after a start', value: cold, unit: 'ms' });
  add({ what: 'state at a moment, median', value: median(times), unit: 'ms', target: { atMost: 50 } });
  add({ what: 'state at a moment, 95 of 100', value: percentile(times, 0.95), unit: 'ms' });
  add({ what: 'the present state, with the engine asked, median', value: median(now), unit: 'ms' });
}

const variable = (version) => ({
  attr_name: 'VERSION',
  attr_value: version,
  name: '',
  is_change: true,
  container_port: 0,
});
