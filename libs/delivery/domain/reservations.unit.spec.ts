import type { ComponentKey, EngineId, InstanceId } from '@waybill/kernel';
import { deciderSpecification } from '@waybill/event-store/testing';
import { describe, expect, it } from 'vitest';
import { engineDecider, type EngineCommand, type EngineEvent } from './reservations.js';
import { subnetsOf } from './subnets.js';

const spec = deciderSpecification(engineDecider);
const engine = 'ENGINE' as EngineId;
const [shop, blog] = ['shop' as InstanceId, 'blog' as InstanceId];
const web = { component: 'web' as ComponentKey, containerPort: 80, hostPort: 20_000, protocol: 'tcp' } as const;
const reserve = (instance: InstanceId, ports = [web]): EngineCommand => ({
  type: 'reserve',
  engine,
  name: 'host',
  instance,
  ports,
  pool: '10.0.0.0/24',
  foreign: [],
});
const registered: EngineEvent = { type: 'engine-registered', data: { engine, name: 'host' } };
const port = (instance: InstanceId): EngineEvent => ({ type: 'port-reserved', data: { instance, ...web } });
const subnet = (instance: InstanceId, purpose: 'inside' | 'outside', at: string): EngineEvent => ({
  type: 'subnet-reserved',
  data: { instance, purpose, subnet: at },
});
const held = [registered, port(shop), subnet(shop, 'inside', '10.0.0.0/26'), subnet(shop, 'outside', '10.0.0.64/26')];

describe('reserving of an engine', () => {
  it('registers the engine, the ports and two subnets', () => spec.given([]).when(reserve(shop)).then(held));
  it('reserves nothing twice', () => spec.given(held).when(reserve(shop)).thenNothing());
  it('gives the next subnets to the next instance', () =>
    spec
      .given(held)
      .when(reserve(blog, []))
      .then([subnet(blog, 'inside', '10.0.0.128/26'), subnet(blog, 'outside', '10.0.0.192/26')]));
  it('passes over subnets that others use on the engine', () =>
    spec
      .given([registered])
      .when({ ...reserve(shop, []), foreign: ['10.0.0.0/25', '172.17.0.0/16'] } as EngineCommand)
      .then([subnet(shop, 'inside', '10.0.0.128/26'), subnet(shop, 'outside', '10.0.0.192/26')]));
  it('refuses a port that another instance holds', () => spec.given(held).when(reserve(blog)).thenThrows('port-taken'));
  it('refuses when the pool is used up', () =>
    spec
      .given([...held, subnet(blog, 'inside', '10.0.0.128/26'), subnet(blog, 'outside', '10.0.0.192/26')])
      .when(reserve('more' as InstanceId, []))
      .thenThrows('subnets-exhausted'));
  it('takes the next free subnet in the place of one that the engine has no room for', () => {
    const [taken, next] = ['10.0.0.64/26', '10.0.0.192/26'];
    const replace: EngineCommand = {
      type: 'replace-subnet',
      instance: shop,
      purpose: 'outside',
      subnet: taken,
      pool: '10.0.0.0/24',
      foreign: [taken, '10.0.0.128/26'],
    };
    const replaced: readonly EngineEvent[] = [
      { type: 'subnet-released', data: { instance: shop, subnet: taken } },
      subnet(shop, 'outside', next),
    ];
    spec.given(held).when(replace).then(replaced);
    spec
      .given([...held, ...replaced])
      .when(replace)
      .thenNothing();
    spec
      .given([...held, subnet(blog, 'inside', next)])
      .when(replace)
      .thenThrows('subnets-exhausted');
  });
  it('gives back the ports that are not kept', () =>
    spec
      .given(held)
      .when({ type: 'release-ports', instance: shop, keep: [] })
      .then([{ type: 'port-released', data: { instance: shop, hostPort: 20_000, protocol: 'tcp' } }]));
  it('keeps the ports that are kept', () =>
    spec
      .given(held)
      .when({ type: 'release-ports', instance: shop, keep: [web] })
      .thenNothing());
  it('gives back everything at the end, and may then give it to others', () => {
    const released: readonly EngineEvent[] = [
      { type: 'port-released', data: { instance: shop, hostPort: 20_000, protocol: 'tcp' } },
      { type: 'subnet-released', data: { instance: shop, subnet: '10.0.0.0/26' } },
      { type: 'subnet-released', data: { instance: shop, subnet: '10.0.0.64/26' } },
    ];
    spec.given(held).when({ type: 'release-all', instance: shop }).then(released);
    spec
      .given([...held, ...released])
      .when(reserve(blog))
      .then([port(blog), subnet(blog, 'inside', '10.0.0.0/26'), subnet(blog, 'outside', '10.0.0.64/26')]);
  });
});

describe('the subnets of a pool', () => {
  it('are its /26 networks, lowest first', () => {
    expect([...subnetsOf('192.168.4.0/24', (one) => one !== '192.168.4.64/26')]).toEqual([
      '192.168.4.0/26',
      '192.168.4.128/26',
      '192.168.4.192/26',
    ]);
  });
  it('need a pool that is one', () => {
    for (const pool of ['', '10.0.0.0', '10.0.0.0/27', '300.0.0.0/16', '10.0.0.0/16 ']) {
      expect(() => subnetsOf(pool, () => true).next()).toThrow(
        expect.objectContaining({ code: 'configuration-invalid' }),
      );
    }
  });
});
