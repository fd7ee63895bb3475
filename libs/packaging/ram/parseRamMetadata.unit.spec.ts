import { isWaybillError } from '@waybill/kernel';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { defaultLimits } from '../package.js';
import { parseRamMetadata } from './parseRamMetadata.js';
import { richMetadata, type Draft } from '../testing/richMetadata.js';

const bytes = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));

const minimal = (component: Draft = { service_key: 'a1' }, top: Record<string, Draft> = {}) => ({
  group_key: 'k',
  group_name: 'n',
  group_version: '1',
  apps: [component],
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

describe('parseRamMetadata', () => {
  it('takes absent and null members alike', () => {
    const lists = [
      'port_map_list',
      'service_env_map_list',
      'service_connect_info_map_list',
      'service_volume_map_list',
      'mnt_relation_list',
      'dep_service_map_list',
      'probes',
      'component_monitors',
      'component_graphs',
      'component_k8s_attributes',
      'service_related_plugin_config',
      'labels',
      'vm',
      'endpoints',
      'extend_method_map',
      'memory',
      'cmd',
    ];
    const nulls = Object.fromEntries(lists.map((name) => [name, null]));
    const top = { plugins: null, app_config_groups: null, ingress_http_routes: null, k8s_resources: null, arch: null };
    expect(parseRamMetadata(bytes(minimal({ service_key: 'a1', ...nulls }, top)))).toEqual(
      parseRamMetadata(bytes(minimal())),
    );
  });

  it('reads the legacy names where the newer ones say nothing', () => {
    const legacy = minimal({
      service_key: 'a1',
      image: 'a:1',
      service_extend_method: { min_node: 3, max_node: 5, step_node: 1, is_restart: 0 },
      extend_method_map: { max_node: 9 },
    });
    const [component] = parseRamMetadata(bytes(legacy)).components;
    expect([component?.image, component?.scale, component?.unread]).toEqual([
      'a:1',
      { minNode: 3, maxNode: 9, initMemory: undefined, minMemory: undefined, containerCpu: undefined },
      [],
    ]);
  });

  it('reads a schedule from an object as from a text', () => {
    const strategy = { schedule: ' 0 3 * * * ', parallelism: '2', completions: '' };
    const job = (stated: Draft) =>
      parseRamMetadata(bytes(minimal({ service_key: 'a', job_strategy: stated }))).components[0]?.job;
    const read = { schedule: '0 3 * * *', others: [{ path: 'parallelism', value: '2' }] };
    expect([job(strategy), job(JSON.stringify(strategy)), job('at night'), job('')]).toEqual([
      read,
      read,
      { schedule: '', others: [{ path: 'job_strategy', value: 'at night' }] },
      { schedule: '', others: [] },
    ]);
  });

  it('lists every member it does not know, by where it stands', () => {
    const { unread, components } = parseRamMetadata(
      bytes(
        minimal(
          {
            service_key: 'a1',
            new_here: { x: false },
            says_nothing: [{ a: null }, ''],
            port_map_list: [{ container_port: 80, weight: 7 }],
            service_volume_map_list: [
              { volume_name: 'd', volume_path: '/d', volume_provider_name: 'nfs', share_policy: 'all' },
            ],
          },
          { 'apps[x': 1, app_config_groups: [{ name: 'g', scope: 'team' }] },
        ),
      ),
    );
    expect(unread).toEqual([
      { path: 'apps[x', value: 1 },
      { path: 'app_config_groups[g].scope', value: 'team' },
    ]);
    expect(components[0]?.unread).toEqual([
      { path: 'new_here', value: { x: false } },
      { path: 'port_map_list[80].weight', value: 7 },
      { path: 'service_volume_map_list[d].volume_provider_name', value: 'nfs' },
      { path: 'service_volume_map_list[d].share_policy', value: 'all' },
    ]);
  });

  test.each([
    [[], '/', 'an object was expected, but there is a list.'],
    [{ ...minimal(), group_key: ' ' }, '/group_key', 'a text was expected, but there is none.'],
    [{ ...minimal(), group_name: undefined }, '/group_name', 'a text was expected, but there is none.'],
    [{ ...minimal(), group_version: 1 }, '/group_version', 'a text was expected, but there is a number.'],
    [{ ...minimal(), apps: {} }, '/apps', 'a list was expected, but there is an object.'],
    [{ ...minimal(), apps: ['x'] }, '/apps/0', 'an object was expected, but there is a text.'],
    [{ ...minimal(), apps: [] }, '/apps', 'the template is empty: it has neither components nor cluster resources.'],
    [minimal({ memory: '512' }), '/apps/0/memory', 'a whole number was expected, but there is a text.'],
    [minimal({ memory: 0.5 }), '/apps/0/memory', 'a whole number was expected, but there is 0.5.'],
    [minimal({ cpu: -1 }), '/apps/0/cpu', '-1 is not between 0 and 2147483648.'],
    [minimal({ cmd: ['a'] }), '/apps/0/cmd', 'a text was expected, but there is a list.'],
    [
      minimal({ port_map_list: [{}] }),
      '/apps/0/port_map_list/0/container_port',
      'a port was expected, but there is none.',
    ],
    [
      minimal({ port_map_list: [{ container_port: 65536 }] }),
      '/apps/0/port_map_list/0/container_port',
      '65536 is not between 1 and 65535.',
    ],
    [
      minimal({ port_map_list: [{ container_port: 1, is_outer_service: 1 }] }),
      '/apps/0/port_map_list/0/is_outer_service',
      'true or false was expected, but there is a number.',
    ],
    [
      minimal({ service_env_map_list: [{ attr_name: 'A', attr_value: 5 }] }),
      '/apps/0/service_env_map_list/0/attr_value',
      'a text was expected, but there is a number.',
    ],
    [
      minimal({}, { app_config_groups: [{ config_items: { 'a/b': 1 } }] }),
      '/app_config_groups/0/config_items/a~1b',
      'a text was expected, but there is a number.',
    ],
    [
      minimal({}, { app_config_groups: [{ component_keys: [null] }] }),
      '/app_config_groups/0/component_keys/0',
      'a text was expected, but there is null.',
    ],
  ])('refuses %j and points at %s', (value, at, reason) => {
    expect(failure(() => parseRamMetadata(bytes(value)))).toEqual({ code: 'package-metadata-invalid', at, reason });
  });

  it('takes a template of cluster resources alone', () => {
    const value = { ...minimal(), apps: null, k8s_resources: [{ name: 'x', kind: 'ConfigMap', content: 'y' }] };
    expect(parseRamMetadata(bytes(value)).parts).toEqual([
      { kind: 'k8s-resource', name: 'ConfigMap/x', content: { name: 'x', kind: 'ConfigMap', content: 'y' } },
    ]);
  });

  it('keeps within the limits it is given', () => {
    const limits = { ...defaultLimits, metadataBytes: 10 };
    expect(failure(() => parseRamMetadata(bytes(minimal()), { limits }))).toMatchObject({
      code: 'package-limit-exceeded',
    });
  });

  it('answers any damage to a member with metadata or with its own error', () => {
    const value = fc.jsonValue({ maxDepth: 1 });
    const place = fc.array(fc.nat(), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(place, value, (steps, put) => {
        const metadata = richMetadata();
        let at: Record<string, unknown> = metadata;
        for (const [i, step] of steps.entries()) {
          const name = Object.keys(at)[step % Object.keys(at).length] ?? '';
          const next = at[name];
          if (i < steps.length - 1 && typeof next === 'object' && next !== null && Object.keys(next).length > 0)
            at = next as Record<string, unknown>;
          else {
            at[name] = put;
            break;
          }
        }
        const result = failure(() => parseRamMetadata(bytes(metadata)));
        if (result !== 'none') expect(result).toMatchObject({ code: 'package-metadata-invalid' });
      }),
      { numRuns: 500 },
    );
  });
});
