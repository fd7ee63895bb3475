import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RamComponentDescription } from '@waybill/packaging/testing';
import { cleanInstances, engine, execIn, containersOf } from '../support/engine.js';
import { httpProbe, serving, shellImage, webPort, writePackage } from '../support/fixtures.js';
import { cleanServers, freshFolder, startServer, type TestServer } from '../support/server.js';
import { site, type PlanAnswer } from '../support/site.js';
import { waitFor } from '../support/waitFor.js';

interface Run {
  readonly component: string;
  readonly status: string;
  readonly exitCode?: number;
  readonly record?: string;
  readonly log?: string;
  readonly due?: string;
}

let server: TestServer;
let folder: string;
const here = site(() => server);
const made: string[] = [];
const key = `model${randomBytes(4).toString('hex')}`;
const reference = (name: string) => `test/${key}-${name}:1`;

/** A package that uses what the reference system's model has beside the everyday: written as its exporters write it. */
async function richVersion(version: string): Promise<string> {
  const lines = {
    db: 'echo ready > /data/ready; exec sleep 3600',
    web: serving('$HOSTNAME'),
    migrate: 'echo "migrating with $PASS for $WHO"; echo done > /seen/migrated',
    tick: 'echo "tick with $PASS"; sleep 3; exit 3',
  };
  const images = await Promise.all(Object.entries(lines).map(([name, line]) => shellImage(reference(name), line)));
  const volume = (more: object) => ({ access_mode: 'RWO', share_policy: 'exclusive', file_content: '', ...more });
  const components: readonly RamComponentDescription[] = [
    {
      key: 'db',
      image: reference('db'),
      connection: { PASS: '**None:db**' },
      more: {
        extend_method: 'state',
        memory: undefined,
        service_extend_method: { min_node: 1, max_node: 1, min_memory: 64 },
        cpu: 0,
        service_volume_map_list: [
          volume({ volume_name: 'data', volume_path: '/data', volume_type: 'share-file', volume_capacity: 10 }),
          volume({ volume_name: 'scratch', volume_path: '/scratch', volume_type: 'memoryfs', volume_capacity: 1 }),
          volume({
            volume_name: 'conf',
            volume_path: '/etc/db.conf',
            volume_type: 'config-file',
            mode: 0o640,
            file_content: 'password=**None:db**\nfor=${WHO:nobody}\n',
          }),
        ],
        probes: [
          { ...httpProbe(0), scheme: 'cmd', cmd: 'test -f /data/ready' },
          { ...httpProbe(0), mode: 'liveness', scheme: 'cmd', cmd: 'test -d /data' },
        ],
      },
    },
    {
      key: 'web',
      image: reference('web'),
      dependsOn: ['db', 'outside'],
      env: { URL: 'mysql://root:**None:db**@${OUT_HOST}:${OUT_PORT}/x', LOOP: 'http://127.0.0.1:9/', OWN: 'web' },
      more: {
        extend_method: 'stateless',
        extend_method_map: { min_node: 2, max_node: 4, init_memory: 0, container_cpu: 0 },
        port_map_list: [webPort(true)],
        probes: [httpProbe(80, { http_header: 'X-Probe=1,X-Other=a=b' })],
        mnt_relation_list: [
          { service_share_uuid: 'db+db', mnt_name: 'data', mnt_dir: '/seen' },
          { service_share_uuid: 'db+db', mnt_name: 'conf', mnt_dir: '/etc/seen.conf' },
        ],
      },
    },
    {
      key: 'outside',
      image: '',
      more: {
        service_source: 'third_party',
        share_image: '',
        image: '',
        k8s_component_name: 'outside-db',
        port_map_list: [{ container_port: 3306, protocol: 'mysql', port_alias: 'OUT' }],
        endpoints: { endpoints_info: '["10.254.254.1:13306"]', endpoints_type: 'static', service_cname: 'outside' },
      },
    },
    {
      key: 'migrate',
      image: reference('migrate'),
      dependsOn: ['db'],
      env: { WHO: 'all' },
      more: {
        extend_method: 'job',
        mnt_relation_list: [{ service_share_uuid: 'db+db', mnt_name: 'data', mnt_dir: '/seen' }],
      },
    },
    { key: 'tick', image: reference('tick'), dependsOn: ['db'], more: { extend_method: 'cronjob' } },
  ];
  return writePackage(folder, {
    key,
    version,
    images,
    components,
    more: {
      app_config_groups: [
        {
          name: 'common',
          injection_type: 'env',
          config_items: { REGION: `north ${version}`, OWN: 'group', PASS: 'group' },
          component_keys: ['web'],
        },
      ],
      ingress_http_routes: [{ component_key: 'web', port: 80, location: '/x', default_domain: true }],
      k8s_resources: [{ name: 'cm', kind: 'ConfigMap', content: 'kind: ConfigMap' }],
      plugins: [{ plugin_key: 'waf', plugin_name: 'waf', share_image: '' }],
    },
  });
}

beforeAll(async () => {
  folder = await freshFolder();
  server = await startServer({ env: { WAYBILL_IMPORT_ROOTS: folder } });
  for (const version of ['1.0', '1.1'])
    expect(await here.import(await richVersion(version))).toMatchObject({ state: 'succeeded' });
});
afterAll(async () => {
  await cleanServers();
  await cleanInstances(made);
});

const codes = (plan: PlanAnswer) => [...new Set(plan.warnings.map(({ code }) => code))].sort();

describe('a template that uses the whole reference model', () => {
  const name = key;
  const runs = async () => (await here.ask<{ items: readonly Run[] }>('GET', `/instances/${name}/runs`)).items;
  const containerOf = async (component: string): Promise<string> => {
    const found = (await here.instance(name)).components.find((one) => one.name === component);
    return found?.serving?.containers[0]?.id ?? `no container of ${component}`;
  };
  const environmentOf = async (component: string) => {
    const lines = (await execIn(await containerOf(component), 'env')).split('\n');
    return Object.fromEntries(
      lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
    );
  };

  it('asks when a component runs before anything is planned, and lists what it cannot apply', async () => {
    const { id } = await here.ask<{ id: string }>('POST', '/instances', { name, template: key, version: '1.0' });
    made.push(id);
    expect(await here.refusal('POST', `/instances/${name}/plans`, { kind: 'install', version: '1.0' })).toBe(
      'schedule-missing',
    );
    const set = (value: string) => ({ settings: [{ item: 'tick/schedule', value }] });
    expect(await here.refusal('PATCH', `/instances/${name}/settings`, set('at night'))).toBe('setting-not-allowed');
    expect(
      await here.refusal('PATCH', `/instances/${name}/settings`, {
        settings: [{ item: 'web/schedule', value: '* * * * *' }],
      }),
    ).toBe('setting-not-allowed');
    await here.ask('PATCH', `/instances/${name}/settings`, set('* * * * *'));
    const plan = await here.plan(name, { kind: 'install', version: '1.0' });
    expect(codes(plan)).toEqual([
      'carried-not-applied',
      'endpoint-port-differs',
      'loopback-address',
      'replicas-published-apart',
      'route-not-applied',
      'runs-at-times',
      'runs-elsewhere',
    ]);
    expect(await here.ended(await here.submit(name, plan.digest))).toMatchObject({ state: 'succeeded' });
  });

  it('finds inside its containers what the template means', async () => {
    const [db, web] = [await containerOf('db'), await containerOf('web')];
    const env = await environmentOf('web');
    const secret = (await execIn(db, 'echo -n $PASS')).trim();
    expect(secret).toMatch(/^.{16,}$/);
    expect(env).toMatchObject({
      PASS: secret,
      OWN: 'web',
      REGION: 'north 1.0',
      OUT_HOST: 'outside-db',
      OUT_PORT: '13306',
      URL: `mysql://root:${secret}@outside-db:13306/x`,
    });
    expect(await execIn(web, 'grep outside-db /etc/hosts')).toMatch(/^10\.254\.254\.1\s+outside-db\n$/);
    expect(await execIn(db, 'cat /etc/db.conf')).toBe(`password=${secret}\nfor=nobody\n`);
    expect(await execIn(web, 'cat /etc/seen.conf; stat -c %a /etc/seen.conf')).toBe(
      `password=${secret}\nfor=nobody\n640\n`,
    );
    expect(await execIn(web, 'cat /seen/ready /seen/migrated')).toBe('ready\ndone\n');
    expect(await execIn(db, 'df -k /scratch | tail -1')).toMatch(/^tmpfs\s+1048576\s/);
    const { HostConfig, Config } = await engine().getContainer(web).inspect();
    expect([HostConfig.Memory, HostConfig.NanoCpus]).toEqual([0, 0]);
    expect(Config.Healthcheck).toBeUndefined();
    expect((await engine().getContainer(db).inspect()).Config.Healthcheck?.Test).toEqual([
      'CMD',
      'test',
      '-d',
      '/data',
    ]);
  });

  it('answers on a port of the host for every replica', async () => {
    const { components, live } = await here.instance(name);
    const ports = components.find((one) => one.name === 'web')?.ports ?? [];
    const answers = await Promise.all(
      ports.map(async ({ hostPort }) => (await fetch(`http://127.0.0.1:${hostPort}/`)).text()),
    );
    expect([...new Set(answers)].sort()).toEqual(['web-r0\n', 'web-r1\n']);
    expect(ports).toMatchObject([
      { containerPort: 80, replica: 1 },
      { containerPort: 80, replica: 2 },
    ]);
    expect(Object.fromEntries((live ?? []).map((one) => [one.name, one.condition]))).toEqual({
      db: 'healthy',
      web: 'healthy',
      migrate: 'healthy',
      outside: 'not-run-here',
      tick: 'scheduled',
    });
  });

  it('keeps what a job wrote, masked, and does not run it again while it is the same', async () => {
    const job = (await runs()).find(({ component }) => component === 'migrate');
    expect(job).toMatchObject({ status: 'succeeded', exitCode: 0, log: 'migrating with ••• for all\n' });
    const plan = await here.plan(name, { kind: 'upgrade', version: '1.1' });
    expect(plan.steps.map(({ name: one, action }) => `${one} ${action}`)).toContain('migrate keep');
    expect(plan.items.find(({ id }) => id === 'shared/group/common/REGION')).toMatchObject({
      verdict: 'keep',
      rule: 'stays-as-site-has-it',
    });
  });

  it('gives a port to a replica that is added, and takes one from another that goes', async () => {
    const scale = async (replicas: string) => {
      await here.ask('PATCH', `/instances/${name}/settings`, { settings: [{ item: 'web/replicas', value: replicas }] });
      expect(await here.carryOut(name, { kind: 'reconfigure' })).toMatchObject({ state: 'succeeded' });
      return (
        (await here.instance(name)).components
          .find((one) => one.name === 'web')
          ?.ports.map(({ hostPort }) => hostPort) ?? []
      );
    };
    const before =
      (await here.instance(name)).components.find((one) => one.name === 'web')?.ports.map(({ hostPort }) => hostPort) ??
      [];
    const three = await scale('3');
    expect(three.slice(0, 2)).toEqual(before);
    const seen = await Promise.all(three.map(async (port) => (await fetch(`http://127.0.0.1:${port}/`)).text()));
    expect(seen.sort()).toEqual(['web-r0\n', 'web-r1\n', 'web-r2\n']);
    expect(await scale('1')).toEqual(before.slice(0, 1));
    expect(await (await fetch(`http://127.0.0.1:${String(before[0])}/`)).text()).toBe('web-r0\n');
  });

  it('runs a component at its time, sees it through although the server was killed, and keeps its exit code', async () => {
    const tick = async (status: string) =>
      (await runs()).find((run) => run.component === 'tick' && run.status === status);
    const running = await waitFor('a run at its time', () => tick('running'));
    await server.kill();
    server = await startServer({
      data: server.data,
      adminToken: server.adminToken,
      env: { WAYBILL_IMPORT_ROOTS: folder },
    });
    const ended = await waitFor('its end', () => tick('failed'));
    expect(ended).toMatchObject({ due: running.due, exitCode: 3, log: 'tick with •••\n' });
    await waitFor('its container to go', async () => {
      const { id } = await here.instance(name);
      const left = (await containersOf(id)).filter(({ Labels }) => Labels['waybill.component'] === 'tick');
      return left.length === 0 ? true : undefined;
    });
    expect(await here.carryOut(name, { kind: 'remove', removeVolumes: true })).toMatchObject({ state: 'succeeded' });
  });
});
