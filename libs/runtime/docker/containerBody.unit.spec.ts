import { digestOf, type ComponentKey, type InstanceId, type RecordId } from '@waybill/kernel';
import { describe, expect, test } from 'vitest';
import type { UnitRef, UnitSpec } from '../runtime.js';
import { containerBody } from './containerBody.js';

const image = digestOf('image');
const ref: UnitRef = {
  instance: 'i-1' as InstanceId,
  component: 'api' as ComponentKey,
  record: 'r-1' as RecordId,
  specDigest: digestOf('spec'),
};
const spec: UnitSpec = {
  instance: ref.instance,
  component: ref.component,
  instanceName: 'shop',
  componentName: 'The API',
  host: 'api',
  image: { config: image, diffIds: [], architecture: 'amd64', os: 'linux' },
  command: `serve --greeting 'good day'`,
  env: [
    { name: 'PLAIN', value: 'two\nlines' },
    {
      name: 'DSN',
      value: { parts: ['db://u:', { secret: 'db', version: 1, fingerprint: 'f' }, '@db'] },
    },
  ],
  files: [],
  volumes: [{ name: 'wb-data', path: '/data', readOnly: true }],
  memoryVolumes: [{ path: '/cache', sizeMiB: 64 }, { path: '/scratch' }],
  publish: [
    { containerPort: 80, protocol: 'tcp', hostPort: 8080, hostAddress: '127.0.0.1' },
    { containerPort: 80, protocol: 'tcp', hostPort: 8081 },
    { containerPort: 53, protocol: 'udp', hostPort: 5353 },
  ],
  gate: { deadline: 10, settle: 1 },
  memoryMiB: 512,
  cpuMilli: 250,
  replicas: 2,
  lifetime: 'keep-up',
  stopGrace: 7,
};
const place = { replica: 0, image, insideNetwork: 'wb-net', address: '10.0.0.2' };
const open = (): string => 'hunter2';

describe('what the engine is asked to make', () => {
  test('is the whole of a specification', () => {
    expect(containerBody(ref, spec, place, open)).toEqual({
      Image: image,
      Hostname: 'api-r0',
      Cmd: ['serve', '--greeting', 'good day'],
      Env: ['PLAIN=two\nlines', 'DSN=db://u:hunter2@db'],
      Labels: {
        'waybill.instance': 'i-1',
        'waybill.instance-name': 'shop',
        'waybill.component': 'api',
        'waybill.component-name': 'The API',
        'waybill.record': 'r-1',
        'waybill.spec': ref.specDigest,
        'waybill.replica': '0',
        'waybill.replicas': '2',
        'waybill.host': 'api',
        'waybill.image': image,
        'waybill.address': '10.0.0.2',
      },
      ExposedPorts: { '80/tcp': {}, '53/udp': {} },
      StopTimeout: 7,
      HostConfig: {
        Init: true,
        NetworkMode: 'wb-net',
        RestartPolicy: { Name: 'always' },
        PortBindings: {
          '80/tcp': [
            { HostIp: '127.0.0.1', HostPort: '8080' },
            { HostIp: '', HostPort: '8081' },
          ],
          '53/udp': [{ HostIp: '', HostPort: '5353' }],
        },
        Mounts: [
          {
            Type: 'volume',
            Source: 'wb-data',
            Target: '/data',
            ReadOnly: true,
            VolumeOptions: { NoCopy: true },
          },
        ],
        Tmpfs: { '/cache': 'size=64m', '/scratch': '' },
        Memory: 536_870_912,
        NanoCpus: 250_000_000,
        LogConfig: { Type: 'json-file', Config: { 'max-size': '10m', 'max-file': '3' } },
      },
      NetworkingConfig: {
        EndpointsConfig: { 'wb-net': { Aliases: [], IPAMConfig: { IPv4Address: '10.0.0.2' } } },
      },
    });
  });

  test('keeps the image’s command when none is given', () => {
    const { command: _, ...without } = spec;
    expect(containerBody(ref, without, place, open)).not.toHaveProperty('Cmd');
    expect(containerBody(ref, { ...spec, command: '  ' }, place, open)).not.toHaveProperty('Cmd');
  });

  test('holds host ports in the first replica only', () => {
    const second = containerBody(ref, spec, { ...place, replica: 1 }, open);
    expect([second.ExposedPorts, second.HostConfig.PortBindings]).toEqual([{}, {}]);
  });

  test('is not restarted when it runs once', () => {
    expect(containerBody(ref, { ...spec, lifetime: 'once' }, place, open).HostConfig.RestartPolicy).toEqual({
      Name: 'no',
    });
  });

  test('shows secrets in the environment alone', () => {
    const { Env, ...rest } = containerBody(ref, spec, place, open);
    expect(JSON.stringify(Env)).toContain('hunter2');
    expect(JSON.stringify(rest)).not.toContain('hunter2');
  });
});
