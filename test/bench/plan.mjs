import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { smallPackage } from './bigPackage.mjs';
import { median, percentile } from './report.mjs';
import { siteServer } from './siteServer.mjs';
import { timed } from './timed.mjs';
import { writePast } from './writtenPast.mjs';

const COMPONENTS = 50;
const PLANS = 60;

/**
 * The plan of an upgrade of 50 components, each with variables, a configuration file, a volume, a port and two it depends on, asked for over
 * HTTP on a warm server. That the version before was installed is written into the log.
 */
export async function bench({ add, onEnd }) {
  const folder = await mkdtemp(join(tmpdir(), 'waybill-bench-'));
  onEnd(() => rm(folder, { recursive: true, force: true }));
  const site = await siteServer({ importRoot: folder });
  onEnd(() => site.stop());
  const key = `bench-${randomUUID()}`;
  const name = key.slice(0, 14);
  for (const version of ['1.0', '2.0'])
    await site.import(
      await smallPackage(folder, { key, version, components: COMPONENTS, more: (n) => partOf(n, version) }),
    );
  await site.create(name, key, '1.0');
  const install = await site.plan(name, { kind: 'install', version: '1.0' });
  const instance = await site.ask('GET', `/instances/${name}`);
  await site.offline((store) => writePast(store, { instance, plans: [install], count: 1 }));

  const times = { install: [], upgrade: [] };
  const upgrade = () => site.plan(name, { kind: 'upgrade', version: '2.0' });
  for (let n = 0; n < 10; n += 1) await upgrade();
  let plan;
  const before = await site.processorTime();
  for (let n = 0; n < PLANS; n += 1) {
    const { seconds, result } = await timed(upgrade);
    times.upgrade.push(seconds * 1_000);
    plan = result;
  }
  const worked = ((await site.processorTime()) - before) / PLANS;
  if (plan.steps.length !== COMPONENTS) throw new Error(`the plan has ${plan.steps.length} steps`);
  add({ what: `items in the plan of ${COMPONENTS} components`, value: plan.items.length, unit: '' });
  add({ what: 'plan of an upgrade, median', value: median(times.upgrade), unit: 'ms', target: { atMost: 100 } });
  add({ what: 'plan of an upgrade, 95 of 100', value: percentile(times.upgrade, 0.95), unit: 'ms' });
  add({ what: 'processor time of the server for one', value: worked, unit: 'ms' });
}

const partOf = (n, version) => ({
  memory: version === '1.0' ? 64 : 128,
  service_env_map_list: Array.from({ length: 12 }, (_, i) =>
    variable(`NAME_${i}`, i < 4 ? `value of ${version}` : `value ${i}`),
  ),
  service_connect_info_map_list: [variable(`PART_${n}_HOST`, '127.0.0.1'), variable(`PART_${n}_PORT`, '8080')],
  service_volume_map_list: [
    { volume_name: 'data', file_content: '', volume_path: '/data', volume_type: 'share-file' },
    {
      volume_name: 'conf',
      file_content: `part = ${n}\nversion = ${version}\n`,
      volume_path: '/etc/part.conf',
      volume_type: 'config-file',
      mode: 420,
    },
  ],
  port_map_list: [
    {
      container_port: 8080,
      protocol: 'http',
      port_alias: `PART${n}`,
      is_inner_service: true,
      is_outer_service: n % 10 === 0,
    },
  ],
  dep_service_map_list: [n - 1, n - 2]
    .filter((other) => other >= 0)
    .map((other) => ({ dep_service_key: `part-${other}+part-${other}` })),
});

const variable = (attr_name, attr_value) => ({ attr_name, attr_value, name: '', is_change: true, container_port: 0 });
