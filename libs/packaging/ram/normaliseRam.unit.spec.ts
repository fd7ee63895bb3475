import { isWaybillError } from '@waybill/kernel';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { manifestDigest } from '../manifestDigest.js';
import { normaliseRam } from './normaliseRam.js';
import { parseRamMetadata } from './parseRamMetadata.js';
import { madeUpImage } from '../testing/ramFixture.js';
import { richMetadata, type Draft } from '../testing/richMetadata.js';

const images = ['a1', 'b2', 'c3', 'e5', 'p1'].map((key) =>
  madeUpImage(
    key,
    { a1: 'hub.example/ns/a1:20260101120000', b2: 'hub.example/ns/b2:20260101120500', p1: 'hub.example/ns/p1:9' }[
      key
    ] ?? `hub.example/ns/${key}:1`,
  ),
);
const imageOf = (key: string) => images[['a1', 'b2', 'c3', 'e5', 'p1'].indexOf(key)] ?? madeUpImage('');

const normalised = (metadata: unknown, available = images) =>
  normaliseRam(parseRamMetadata(new TextEncoder().encode(JSON.stringify(metadata))), available);

const template = (component: Record<string, Draft>, top: Record<string, Draft> = {}) => ({
  group_key: 'k',
  group_name: 'n',
  group_version: '1.0',
  apps: [{ service_key: 'a1', share_image: 'hub.example/ns/a1:20260101120000', ...component }],
  ...top,
});

function failure(run: () => unknown) {
  try {
    run();
  } catch (error) {
    if (isWaybillError(error)) return { code: error.code, ...error.details };
    throw error;
  }
  return 'none';
}

const componentOf = (component: Record<string, Draft>) => normalised(template(component)).manifest.components[0];
const codes = (metadata: unknown) =>
  normalised(metadata)
    .notices.map(({ code, subject }) => `${code} ${subject}`)
    .filter((text) => !text.startsWith('component-identified'));

const ADDED = { initialDelay: 4, period: 3, timeout: 5, failureThreshold: 3, successThreshold: 1 };

describe('normaliseRam', () => {
  const rich = normalised(richMetadata());

  it('makes a whole component of what the package says', () => {
    const image = imageOf('a1');
    expect(rich.manifest.components[0]).toEqual({
      key: 'a1',
      aliases: ['a1+a1'],
      name: 'db',
      hostHint: 'db',
      workload: { kind: 'stateful' },
      command: 'mysqld --skip-name-resolve',
      env: [
        { name: 'DB_HOST', value: 'db', scope: 'offered', editable: true, port: 5432 },
        { name: 'DB_PASS', value: '', scope: 'offered', label: 'password', editable: true, secret: { group: 'db' } },
        { name: 'DB_PORT', value: '5432', scope: 'offered', editable: true, port: 5432 },
        { name: 'DB_ROOT_PASS', value: '', scope: 'offered', editable: true, secret: {} },
        { name: 'DB_URL', value: 'db://${DB_HOST}/x', scope: 'offered', editable: true },
        { name: 'TZ', value: 'UTC', scope: 'own', label: 'zone', editable: false },
      ],
      ports: [
        { port: 53, protocol: 'udp', alias: 'ALIAS53', published: true },
        { port: 5432, protocol: 'tcp', alias: 'DB', published: false, hostHint: 'db' },
      ],
      volumes: [
        { name: 'data', path: '/data', kind: 'persistent', sourceType: 'share-file', capacity: 10, accessMode: 'RWX' },
        { name: 'tmp', path: '/tmp/x', kind: 'memory', sourceType: 'memoryfs' },
      ],
      files: [
        { name: 'conf', path: '/etc/my.cnf', content: 'a=1\n', mode: 0o644 },
        { name: 'run', path: '/run.sh', content: '#!', mode: 0o755 },
      ],
      mounts: [],
      dependencies: [],
      probes: [
        { purpose: 'liveness', check: { kind: 'command', command: 'mysqladmin ping' }, ...ADDED },
        { purpose: 'readiness', check: { kind: 'tcp', port: 5432 }, ...ADDED, period: 7 },
      ],
      resources: { memoryMiB: 512, cpuMilli: 300 },
      replicas: { initial: 1, min: 1, max: 1 },
      image: {
        config: image.config,
        diffIds: image.layers.map(({ diffId }) => diffId),
        os: 'linux',
        architecture: 'amd64',
      },
    });
  });

  it('resolves what components say of each other', () => {
    expect(rich.manifest.components.map(({ key, dependencies, mounts }) => ({ key, dependencies, mounts }))).toEqual([
      { key: 'a1', dependencies: [], mounts: [] },
      {
        key: 'b2',
        dependencies: ['a1', 'c3', 'zz+zz'],
        mounts: [{ path: '/db-data', component: 'a1', volume: 'data' }],
      },
      { key: 'c3', dependencies: ['b2'], mounts: [] },
      { key: 'd4', dependencies: [], mounts: [] },
      { key: 'e5', dependencies: [], mounts: [] },
    ]);
    expect(rich.manifest.configGroups).toEqual([
      {
        name: 'common',
        items: [
          { name: 'A', value: '1' },
          { name: 'REGION', value: 'north' },
        ],
        components: ['a1', 'b2', 'yy'],
      },
    ]);
  });

  it('keeps the settings of routes as documents, without those that say nothing', () => {
    const decoder = new TextDecoder();
    expect(
      rich.manifest.routes.map(({ settings, ...route }) => ({
        ...route,
        settings: decoder.decode(rich.documents.get(settings)),
      })),
    ).toEqual([
      { component: 'b2', port: 80, path: '/', settings: '{"connection_timeout":5,"headers":{"h":"v"}}' },
      { component: 'b2', port: 80, path: '/api', settings: '{"connection_timeout":5}' },
    ]);
  });

  it('says how each component runs and which image it runs', () => {
    expect(rich.manifest.components.map(({ workload }) => workload)).toEqual([
      { kind: 'stateful' },
      { kind: 'service' },
      { kind: 'cron', schedule: '0 3 * * *' },
      { kind: 'external' },
      { kind: 'unsupported', source: 'daemonset' },
    ]);
    expect(rich.manifest.components[3]).toMatchObject({ endpoints: '["mail.example:25"]' });
    expect(rich.manifest.components[3]).not.toHaveProperty('image');
    expect([...rich.imageOf]).toEqual(['a1', 'b2', 'c3', 'e5'].map((key) => [key, imageOf(key)]));
  });

  it('carries every part it cannot apply, with the document that holds it', () => {
    const decoder = new TextDecoder();
    expect(
      rich.manifest.carried.map(({ content, ...part }) => ({
        ...part,
        content: decoder.decode(rich.documents.get(content)),
      })),
    ).toEqual([
      { kind: 'governance-mode', name: 'ISTIO_SERVICE_MESH', content: '"ISTIO_SERVICE_MESH"' },
      {
        kind: 'graph',
        name: 'load',
        component: 'a1',
        content: '{"component_id":"a1","graph_id":"g","promql":"rate(x[1m])","sequence":1,"title":"load"}',
      },
      {
        kind: 'http-route',
        name: 'nobody:80/',
        content: '{"component_key":"nobody","location":"/","port":80}',
      },
      { kind: 'job-strategy', name: 'backoff_limit', component: 'c3', content: '"4"' },
      {
        kind: 'k8s-attribute',
        name: 'nodeSelector',
        component: 'a1',
        content:
          '{"attribute_value":"{\\"disk\\":\\"ssd\\"}","component_id":"a1","name":"nodeSelector","save_type":"json"}',
      },
      {
        kind: 'k8s-resource',
        name: 'ConfigMap/settings',
        content: '{"content":"kind: ConfigMap\\n","kind":"ConfigMap","name":"settings"}',
      },
      {
        kind: 'monitor',
        name: 'mysqld',
        component: 'a1',
        content: '{"interval":"10s","name":"mysqld","path":"/metrics","port":9104,"service_show_name":"MySQL"}',
      },
      {
        kind: 'mount',
        name: 'a1+a1 gone',
        component: 'b2',
        content: '{"mnt_dir":"/gone","mnt_name":"gone","service_share_uuid":"a1+a1"}',
      },
      { kind: 'node-labels', name: 'node-labels', component: 'a1', content: '{"windows":"Windows"}' },
      {
        kind: 'plugin',
        name: 'p1',
        content: `{"build_version":"9","image":"${imageOf('p1').config}","plugin_id":"p1","plugin_key":"p1","plugin_name":"tracing"}`,
      },
      {
        kind: 'plugin-binding',
        name: 'p1',
        component: 'b2',
        content: '{"attr":[],"plugin_id":"p1","plugin_key":"p1","plugin_status":true,"service_id":"b2"}',
      },
      {
        kind: 'stream-route',
        name: 'a1:5432',
        content: '{"component_key":"a1","connection_timeout":5,"port":5432,"protocol":"tcp"}',
      },
      { kind: 'unknown-field', name: 'future_top_level', content: '[1.5,"x"]' },
      { kind: 'unknown-field', name: 'new_in_7', component: 'a1', content: '{"ratio":0.5}' },
      {
        kind: 'unused-probe',
        name: 'liveness tcp',
        component: 'b2',
        content: '{"is_used":false,"mode":"liveness","port":80,"scheme":"tcp"}',
      },
    ]);
  });

  it('tells what an importer must know', () => {
    expect(codes(richMetadata())).toEqual([
      'part-carried component:a1',
      'part-carried component:a1',
      'part-carried component:a1',
      'part-carried component:a1',
      'port-published component:a1',
      'unknown-field component:a1',
      'variable-unnamed component:a1',
      'dependency-dangling component:b2',
      'mount-dangling component:b2',
      'part-carried component:b2',
      'port-published component:b2',
      'route-not-applied component:b2',
      'route-not-applied component:b2',
      'part-carried component:c3',
      'workload-unsupported component:e5',
      'config-group-dangling template',
      'dependency-cycle template',
      'part-carried template',
      'part-carried template',
      'part-carried template',
      'part-carried template',
      'route-dangling template',
      'unknown-field template',
    ]);
  });

  describe('the manifest is one for one content', () => {
    const digest = manifestDigest(rich.manifest);

    it('whatever order members, lists and images stand in', () => {
      fc.assert(
        fc.property(fc.infiniteStream(fc.nat()), fc.shuffledSubarray(images, { minLength: 5 }), (numbers, shuffled) => {
          const again = normalised(shuffle(richMetadata(), numbers), shuffled);
          expect(again.manifest).toEqual(rich.manifest);
          expect(manifestDigest(again.manifest)).toBe(digest);
          expect(again.notices).toEqual(rich.notices);
          expect(again.documents).toEqual(rich.documents);
        }),
        { numRuns: 100 },
      );
    });

    it('whatever tags, registries, build times and logos the exporter wrote', () => {
      const metadata = richMetadata();
      const retagged = images.map((image, i) => ({
        ...image,
        references: [`other.example:5000/x/${i}:new`, 'also:this'],
      }));
      for (const [i, component] of metadata.apps.entries()) {
        if (component.share_image !== '') component.share_image = `other.example:5000/x/${i > 3 ? 3 : i}:new`;
        component.deploy_version = '20991231000000';
        component.version = 'x';
        component.image = 'elsewhere:1';
        component.service_image = { hub_url: 'x', hub_user: 'y', hub_password: 'z', namespace: 'n', is_trust: true };
      }
      const [plugin] = metadata.plugins;
      Object.assign(plugin ?? {}, { share_image: 'other.example:5000/x/4:new', create_time: '2099', plugin_image: {} });
      Object.assign(metadata, {
        annotations: { describe: 'other' },
        arch: '',
        group_dev_status: 'release',
        describe: 'x',
      });
      expect(manifestDigest(normalised(metadata, retagged).manifest)).toBe(digest);
    });

    // What may differ between two exports of one version; everything else in the metadata is content.
    const uncounted = new Set([
      '/arch',
      '/annotations/describe',
      '/annotations/image_base64_string',
      '/template_version',
      ...[
        'service_id',
        'service_source',
        'service_type',
        'share_type',
        'arch',
        'version',
        'deploy_version',
        'image',
      ].map((name) => `/apps/*/${name}`),
      ...['hub_url', 'hub_user', 'hub_password', 'namespace', 'is_trust'].map(
        (name) => `/apps/*/service_image/${name}`,
      ),
      // A singleton has one replica, and the first statement of its memory and processor counts.
      ...['min_node', 'max_node', 'min_memory'].map((name) => `/apps/0/extend_method_map/${name}`),
      '/apps/0/memory',
      '/apps/0/cpu',
      '/apps/0/k8s_component_name',
      '/apps/*/port_map_list/*/is_inner_service',
      '/apps/*/port_map_list/*/tenant_id',
      '/apps/0/port_map_list/0/protocol',
      '/apps/3/port_map_list/0/protocol',
      // An environment variable without a name is skipped; a port that is not there means an ordinary variable.
      ...['name', 'attr_value', 'is_change', 'container_port'].map((name) => `/apps/0/service_env_map_list/1/${name}`),
      '/apps/0/service_env_map_list/0/container_port',
      ...[2, 3, 4].map((i) => `/apps/0/service_connect_info_map_list/${i}/container_port`),
      ...[0, 1].map((i) => `/apps/0/service_volume_map_list/${i}/file_content`),
      // It runs elsewhere, however it would be run here.
      '/apps/3/extend_method',
      '/apps/3/share_image',
      '/apps/0/probes/0/port',
      '/apps/0/probes/0/success_threshold',
      '/apps/*/endpoints/service_cname',
      '/apps/*/service_related_plugin_config/0/create_time',
      '/plugins/0/create_time',
      '/plugins/0/plugin_image/hub_url',
      '/plugins/0/plugin_image/hub_password',
    ]);

    test.each(leaves(richMetadata()).filter((pointer) => !isUncounted(pointer, uncounted)))(
      'but another one when %s differs',
      (pointer) => {
        const changed = changedAt(richMetadata(), pointer);
        let found: string;
        try {
          found = manifestDigest(normalised(changed).manifest);
        } catch (error) {
          found = isWaybillError(error) ? error.code : String(error);
          expect(['package-image-missing', 'package-metadata-invalid', 'template-invalid']).toContain(found);
        }
        expect(found).not.toBe(digest);
      },
    );

    test.each(leaves(richMetadata()).filter((pointer) => isUncounted(pointer, uncounted)))(
      'and the same one when %s differs',
      (pointer) => {
        expect(manifestDigest(normalised(changedAt(richMetadata(), pointer)).manifest)).toBe(digest);
      },
    );

    it('but another one when an image or its layers differ', () => {
      const other = { ...imageOf('a1'), config: imageOf('b2').config };
      const layers = { ...imageOf('a1'), layers: imageOf('b2').layers };
      const arm = { ...imageOf('a1'), architecture: 'arm64' };
      const digests = [other, layers, arm].map((image) =>
        manifestDigest(normalised(richMetadata(), [image, ...images.slice(1)]).manifest),
      );
      expect(new Set([digest, ...digests]).size).toBe(4);
    });
  });

  test.each([
    [{ init_memory: 0, min_memory: 64 }, 128, 300, { memoryMiB: 0, cpuMilli: 300 }],
    [{}, 128, 0, { memoryMiB: 128, cpuMilli: 0 }],
    [{ min_memory: 64, container_cpu: 0 }, null, 300, { memoryMiB: 64, cpuMilli: 0 }],
    [null, null, null, { memoryMiB: 512, cpuMilli: 250 }],
  ])('of %j, memory %j and cpu %j makes %j', (extend_method_map, memory, cpu, resources) => {
    expect(componentOf({ extend_method_map, memory, cpu })?.resources).toEqual(resources);
  });

  test.each([
    ['stateless_multiple', { min_node: 2, max_node: 8 }, { initial: 2, min: 2, max: 8 }],
    ['stateless_multiple', { min_node: 9, max_node: 8 }, { initial: 9, min: 9, max: 9 }],
    ['state_multiple', { min_node: 0, max_node: 0 }, { initial: 1, min: 1, max: 64 }],
    ['state_singleton', { min_node: 1, max_node: 64 }, { initial: 1, min: 1, max: 1 }],
    ['stateless', null, { initial: 1, min: 1, max: 64 }],
  ])('of %s with %j makes the replicas %j', (extend_method, extend_method_map, replicas) => {
    expect(componentOf({ extend_method, extend_method_map })?.replicas).toEqual(replicas);
  });

  test.each([
    [{ extend_method: 'state' }, { kind: 'stateful' }],
    [{ extend_method: 'stateless' }, { kind: 'service' }],
    [{ extend_method: 'job' }, { kind: 'job' }],
    [{ extend_method: 'cronjob' }, { kind: 'cron' }],
    [{ extend_method: 'vm' }, { kind: 'unsupported', source: 'vm' }],
    [
      { extend_method: 'stateless_multiple', service_type: 'helm-chart' },
      { kind: 'unsupported', source: 'helm-chart' },
    ],
    [{ share_type: 'slug' }, { kind: 'unsupported', source: 'slug' }],
    [{ share_image: '', endpoints: { endpoints_info: 'x:1' } }, { kind: 'external' }],
    [{ service_source: 'third_party' }, { kind: 'external' }],
  ])('of %j makes the workload %j', (component, workload) => {
    expect(componentOf(component)?.workload).toEqual(workload);
  });

  test.each([
    ['', []],
    ['X-A=1', [{ name: 'X-A', value: '1' }]],
    [
      'X-A=1, B=c=d,,E',
      [
        { name: 'X-A', value: '1' },
        { name: 'B', value: 'c=d' },
        { name: 'E', value: '' },
      ],
    ],
  ])('reads the probe headers %j', (http_header, headers) => {
    const probes = [{ mode: 'readiness', scheme: 'http', port: 80, http_header, is_used: true, path: '' }];
    expect(componentOf({ probes })?.probes).toEqual([
      { purpose: 'readiness', check: { kind: 'http', port: 80, path: '/', headers }, ...ADDED },
    ]);
  });

  test.each([
    [{ mode: 'readiness', scheme: 'http', port: 0 }, ['part-carried component:a1']],
    [{ mode: 'readiness', scheme: 'grpc', port: 1 }, ['part-carried component:a1']],
    [{ mode: 'startup', scheme: 'tcp', port: 1 }, ['part-carried component:a1']],
    [{ mode: 'readiness', scheme: 'cmd', cmd: ' ' }, ['part-carried component:a1']],
    [{ mode: 'readiness', scheme: 'http', port: 1, path: '/a\r\nX: 1' }, ['part-carried component:a1']],
    [{ mode: 'readiness', scheme: 'http', port: 1, http_header: 'X Y=1' }, ['part-carried component:a1']],
    [{ mode: 'readiness', scheme: 'http', port: 1, http_header: 'A=1,X-名=1' }, ['part-carried component:a1']],
    [{ mode: 'readiness', scheme: 'http', port: 1, http_header: 'X=值' }, ['part-carried component:a1']],
    [{ mode: 'readiness', scheme: 'http', port: 1, http_header: 'X=a\nb' }, ['part-carried component:a1']],
    [{ mode: 'ignore', scheme: 'tcp', port: 1 }, []],
  ])('carries the probe %j instead of guessing', (probe, told) => {
    const { manifest } = normalised(template({ probes: [probe] }));
    expect([manifest.components[0]?.probes, manifest.carried.length]).toEqual([[], 1]);
    expect(codes(template({ probes: [probe] }))).toEqual(told);
  });

  test.each([
    [{ arch: 'arm64' }, ['architecture-differs component:a1']],
    [{ arch: 'amd64&arm64' }, []],
    [{ extend_method: 'job', job_strategy: { schedule: '@daily' } }, ['part-carried component:a1']],
    [{ extend_method: 'cronjob' }, ['cron-schedule-missing component:a1']],
    [{ dep_service_map_list: [{ dep_service_key: 'a1' }] }, ['dependency-cycle template']],
    [
      { service_env_map_list: [{ attr_name: 'X', attr_value: 'tcp://127.0.0.1:80' }] },
      ['loopback-address component:a1'],
    ],
    [{ service_env_map_list: [{ attr_name: 'X', attr_value: 'a:**None:g**@b' }] }, ['secret-embedded component:a1']],
    [{ service_env_map_list: [{ attr_name: 'A_PASS', attr_value: 'hunter2' }] }, ['secret-in-clear component:a1']],
    [{ service_env_map_list: [{ attr_name: 'A=B', attr_value: '' }] }, ['part-carried component:a1']],
    [
      {
        service_env_map_list: [
          { attr_name: 'A', attr_value: '1' },
          { attr_name: 'A', attr_value: '2' },
        ],
      },
      ['duplicate-entry component:a1'],
    ],
    [
      {
        service_env_map_list: [
          { attr_name: 'A', attr_value: '1' },
          { attr_name: 'A', attr_value: '1' },
        ],
      },
      [],
    ],
    [
      {
        service_volume_map_list: [
          { volume_name: 'f', volume_path: '/f', volume_type: 'config-file', file_content: 'password: x\nlocalhost:1' },
        ],
      },
      ['loopback-address component:a1', 'secret-in-clear component:a1'],
    ],
    [{ service_volume_map_list: [{ volume_name: 'f', volume_path: 'relative' }] }, ['part-carried component:a1']],
    [{ service_volume_map_list: [{ volume_name: 'f', volume_path: '/a/../b' }] }, ['part-carried component:a1']],
    [{ service_volume_map_list: [{ volume_name: 'f', volume_path: '//' }] }, ['part-carried component:a1']],
    [{ endpoints: { endpoints_info: 'x', endpoints_type: 'kubernetes' } }, ['part-carried component:a1']],
    [
      { extend_method: 'vm', share_image: 'gone:1' },
      ['image-missing component:a1', 'workload-unsupported component:a1'],
    ],
  ])('tells of %j: %j', (component, told) => {
    expect(codes(template(component))).toEqual(told);
  });

  test.each([
    [
      { service_volume_map_list: [{ volume_name: 'v', volume_path: '../../etc' }] },
      'part-carried The volume "v" is kept, but cannot be applied here: "../../etc" is no path in a container at which something can be mounted.',
    ],
    [
      { service_env_map_list: [{ attr_name: 'A=B', attr_value: '' }] },
      'part-carried The variable "A=B" is kept, but cannot be applied here: the name of a variable holds no equals sign.',
    ],
    [
      { service_env_map_list: [{ attr_name: 'A', attr_value: 'x\0' }] },
      'part-carried The variable "A" is kept, but cannot be applied here: no process can be given a variable with a NUL in it.',
    ],
    [
      { service_env_map_list: [{ attr_name: '', attr_value: 'x' }] },
      'variable-unnamed A variable without a name is passed over.',
    ],
    [
      { probes: [{ mode: 'readiness', scheme: 'grpc', port: 1 }] },
      'part-carried The probe "readiness grpc" is kept, but cannot be applied here: "grpc" is none of http, tcp and cmd, by which a component can be asked.',
    ],
    [
      { probes: [{ mode: 'startup', scheme: 'tcp', port: 1 }] },
      'part-carried The probe "startup tcp" is kept, but cannot be applied here: "startup" is neither readiness nor liveness.',
    ],
    [
      { probes: [{ mode: 'liveness', scheme: '', port: 0 }] },
      'part-carried The probe "liveness" is kept, but cannot be applied here: it says no port.',
    ],
    [
      { probes: [{ mode: 'liveness', scheme: 'cmd', cmd: ' ' }] },
      'part-carried The probe "liveness cmd" is kept, but cannot be applied here: it says no command.',
    ],
    [
      { probes: [{ mode: 'liveness', scheme: 'cmd', cmd: "'" }] },
      `cannot-start It cannot start: its liveness probe cannot be read: a single quote is not closed in the command "'".`,
    ],
    [{ memory: 1 }, 'cannot-start It cannot start: it may use 1 MiB of memory, and an engine gives at least 6.'],
    [
      { service_volume_map_list: [{ volume_name: 'p', volume_path: '/proc/' }] },
      "cannot-start It cannot start: nothing can be mounted at /proc, which is the kernel's.",
    ],
  ])('says of %j why: %s', (component, told) => {
    const { notices } = normalised(template(component));
    expect(
      notices.filter(({ code }) => code !== 'component-identified').map(({ code, message }) => `${code} ${message}`),
    ).toEqual([told]);
  });

  it('tells when an image goes by another name in the archive', () => {
    const { notices } = normalised(template({ share_image: 'goodrain.me/ns/a1:7' }), [madeUpImage('a1', 'a1:7')]);
    expect(notices).toContainEqual({
      code: 'image-by-equivalence',
      subject: 'component:a1',
      message: 'The image goodrain.me/ns/a1:7 is in the package as a1:7.',
    });
  });

  test.each([
    [{ group_version: 'latest' }, ['version-not-ordered template']],
    [{ template_version: 'v9' }, ['template-version-unknown template']],
    [{ governance_mode: 'KUBERNETES_NATIVE_SERVICE' }, []],
    [{ platform_plugin: { plugin_id: 'x' } }, ['part-carried template']],
    [{ app_config_groups: [{ name: 'g', injection_type: 'volume' }] }, ['part-carried template']],
    [
      {
        app_config_groups: [
          { name: 'g', config_items: { A_PASS: 'x', B: 'a **None**', C: '**None**', U: 'localhost:1' } },
        ],
      },
      ['loopback-address template', 'secret-embedded template', 'secret-in-clear template'],
    ],
  ])('tells of %j in a template: %j', (top, told) => {
    expect(codes(template({}, top))).toEqual(told);
  });

  it('sorts ports and routes by number', () => {
    const port_map_list = [8080, 443, 80].map((container_port) => ({ container_port }));
    const ingress_http_routes = [8080, 443, 80].map((port) => ({ component_key: 'a1', port, location: '/' }));
    const { manifest } = normalised(template({ port_map_list }, { ingress_http_routes }));
    expect([manifest.components[0]?.ports.map(({ port }) => port), manifest.routes.map(({ port }) => port)]).toEqual([
      [80, 443, 8080],
      [80, 443, 8080],
    ]);
  });

  it('of two entries with one key takes the same one, whichever stands first', () => {
    const entries = [
      { attr_name: 'A', attr_value: '1' },
      { attr_name: 'A', attr_value: '2' },
    ];
    const one = normalised(template({ service_env_map_list: entries }));
    expect(one.manifest.components[0]?.env.map(({ value }) => value)).toEqual(['1']);
    expect(normalised(template({ service_env_map_list: entries.toReversed() }))).toEqual(one);
  });

  it('of an own and an offered variable with one name takes the offered one', () => {
    const item = (attr_value: string) => [{ attr_name: 'A', attr_value, is_change: true, container_port: 0 }];
    const { manifest } = normalised(
      template({ service_env_map_list: item('1'), service_connect_info_map_list: item('2') }),
    );
    expect(manifest.components[0]?.env).toEqual([{ name: 'A', value: '2', scope: 'offered', editable: true }]);
    expect(manifest.carried).toMatchObject([{ kind: 'duplicate', name: 'variable A', component: 'a1' }]);
  });

  it('reads a package from before 5.3', () => {
    const old = {
      group_key: 'k',
      group_name: 'n',
      group_version: 'v1.0',
      describe: 'x',
      apps: [
        {
          service_key: 'db',
          service_cname: 'MySQL',
          extend_method: 'state',
          service_extend_method: { min_node: 1, max_node: 2, min_memory: 128, step_memory: 64, is_restart: 0 },
          share_image: 'goodrain.me/team/db:2019',
          memory: 0,
          port_map_list: [{ container_port: 3306, protocol: 'mysql', port_alias: 'mysql', is_outer_service: false }],
          service_env_map_list: null,
          probes: null,
        },
        {
          service_key: 'web',
          extend_method: 'stateless',
          share_image: 'goodrain.me/web:2019',
          dep_service_map_list: [{ dep_service_key: 'db' }],
          service_volume_map_list: null,
        },
      ],
      plugins: null,
    };
    const { manifest } = normalised(old, [madeUpImage('db', 'db:2019'), madeUpImage('web', 'goodrain.me/web:2019')]);
    const [database, web] = manifest.components;
    expect({ ...database, image: database?.image?.config }).toEqual({
      key: 'db',
      aliases: [],
      name: 'MySQL',
      workload: { kind: 'stateful' },
      env: [],
      ports: [{ port: 3306, protocol: 'tcp', alias: 'MYSQL', published: false }],
      volumes: [],
      files: [],
      mounts: [],
      dependencies: [],
      probes: [],
      resources: { memoryMiB: 0, cpuMilli: 250 },
      replicas: { initial: 1, min: 1, max: 2 },
      image: madeUpImage('db').config,
    });
    expect([web?.name, web?.workload, web?.dependencies]).toEqual(['web', { kind: 'service' }, ['db']]);
  });

  it('makes the same manifest after the reference system has read and written the package', () => {
    // Its typed round trip writes empty values for what was absent.
    const before = template({ extend_method: 'stateless_multiple', memory: 64, cpu: 100 });
    const after = {
      ...template({
        extend_method: 'stateless_multiple',
        memory: 64,
        cpu: 100,
        endpoints: { endpoints_info: '', service_cname: '', endpoints_type: '' },
        service_image: { hub_password: '', namespace: '', hub_url: '', hub_user: '', is_trust: false },
        ...Object.fromEntries(
          ['service_alias', 'service_name', 'k8s_component_name', 'category', 'cmd', 'language', 'arch'].map((n) => [
            n,
            '',
          ]),
        ),
        ...Object.fromEntries(
          ['probes', 'mnt_relation_list', 'dep_service_map_list', 'port_map_list', 'report', 'component_graphs'].map(
            (n) => [n, []],
          ),
        ),
        component_monitors: null,
        component_k8s_attributes: null,
      }),
      template_version: 'v2',
      governance_mode: 'BUILD_IN_SERVICE_MESH',
      annotations: { version: 'x' },
    };
    expect(normalised(after)).toEqual(normalised(before));
  });

  it('knows a component of an old package by what there is', () => {
    const known = (component: Record<string, Draft>) => {
      const { manifest, notices } = normalised(template({ service_key: '', ...component }));
      const [{ key, aliases } = { key: '', aliases: [] }] = manifest.components;
      return [key, aliases, notices.find(({ code }) => code === 'component-identified')?.message];
    };
    expect(known({ service_share_uuid: 'u1+i1' })).toEqual([
      'u1',
      ['u1+i1'],
      '"u1" is known by its service_share_uuid.',
    ]);
    expect(known({ service_id: 'i1', service_cname: 'x' })).toEqual(['i1', [], '"x" is known by its service_id.']);
  });

  it('refuses components without a usable key, two with one key, and a template key that is none', () => {
    expect(failure(() => normalised(template({ service_key: null })))).toMatchObject({
      code: 'package-metadata-invalid',
      at: '/apps/0/service_key',
    });
    expect(failure(() => normalised(template({ service_key: '../x' })))).toMatchObject({
      code: 'package-metadata-invalid',
      at: '/apps/0/service_key',
    });
    expect(failure(() => normalised({ ...template({}), group_key: 'a/b' }))).toMatchObject({
      code: 'package-metadata-invalid',
      at: '/group_key',
    });
    const [twin] = template({}).apps;
    expect(failure(() => normalised({ ...template({}), apps: [twin, twin] }))).toEqual({
      code: 'template-invalid',
      reason: 'two components have the key a1. They could not be told apart at an upgrade.',
    });
  });

  it('refuses a package without the image of a component that runs', () => {
    expect(failure(() => normalised(template({ share_image: 'gone:1' })))).toEqual({
      code: 'package-image-missing',
      component: 'a1',
      image: 'gone:1',
    });
    expect(failure(() => normalised(template({ share_image: '', image: '' })))).toEqual({
      code: 'package-image-missing',
      component: 'a1',
      image: '(it names none)',
    });
  });

  it('leaves apart what two components claim to be called', () => {
    const twin = (service_key: string) => ({ ...template({}).apps[0], service_key, service_share_uuid: 'x+y' });
    const user = { ...template({}).apps[0], service_key: 'u', dep_service_map_list: [{ dep_service_key: 'x+y' }] };
    const { manifest, notices } = normalised({ ...template({}), apps: [twin('a'), twin('b'), user] });
    expect(manifest.components[2]?.dependencies).toEqual(['x+y']);
    expect(notices.map(({ code }) => code)).toEqual(expect.arrayContaining(['alias-ambiguous', 'dependency-dangling']));
  });
});

/** Members and lists in another order, drawn from the numbers; nothing else changes. */
function shuffle(value: unknown, numbers: Iterator<number>): unknown {
  const pick = (length: number) => (numbers.next().value as number) % length;
  const mixed = <T>(items: readonly T[]): readonly T[] => {
    const open = [...items];
    return items.map(() => open.splice(pick(open.length), 1)[0] as T);
  };
  if (Array.isArray(value)) {
    const items = value.map((item) => shuffle(item, numbers));
    // The reader knows nothing of lists in fields it does not know.
    return value.every((item) => typeof item === 'object') || value.every((item) => typeof item === 'string')
      ? mixed(items)
      : items;
  }
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(mixed(Object.entries(value)).map(([name, item]) => [name, shuffle(item, numbers)]));
}

/** JSON pointers of all texts, numbers and flags. */
function leaves(value: unknown, at = ''): readonly string[] {
  if (typeof value !== 'object' || value === null) return value === null ? [] : [at];
  return Object.entries(value).flatMap(([name, item]) => leaves(item, `${at}/${name}`));
}

const isUncounted = (pointer: string, uncounted: ReadonlySet<string>): boolean =>
  [
    pointer,
    pointer.replace(/^\/apps\/\d+/, '/apps/*'),
    pointer.replace(/\/\d+\//g, '/*/'),
    pointer.replace(/_list\/\d+\//, '_list/*/'),
  ].some((form) => uncounted.has(form));

function changedAt(value: unknown, pointer: string): unknown {
  const steps = pointer.split('/').slice(1);
  const last = steps.pop() ?? '';
  let at = value as Record<string, unknown>;
  for (const step of steps) at = at[step] as Record<string, unknown>;
  const present = at[last];
  at[last] = typeof present === 'string' ? `${present}x` : typeof present === 'number' ? present + 1 : !present;
  return value;
}
