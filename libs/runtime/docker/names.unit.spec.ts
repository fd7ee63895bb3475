import fc from 'fast-check';
import { digestOf, type ComponentKey, type InstanceId, type RecordId } from '@waybill/kernel';
import { describe, expect, test } from 'vitest';
import type { UnitRef } from '../runtime.js';
import { containerName, hostName, networkName } from './names.js';

const ref = (over: Partial<Record<'instance' | 'component' | 'record', string>> = {}): UnitRef => ({
  instance: (over.instance ?? 'i-1') as InstanceId,
  component: (over.component ?? 'api') as ComponentKey,
  record: (over.record ?? 'r-1') as RecordId,
  specDigest: digestOf('spec'),
});

describe('names of engine objects', () => {
  test('can be read', () => {
    const name = containerName(ref(), { instanceName: 'Shop Berlin', host: 'api' }, 2);
    expect(name).toMatch(/^wb-shop-berlin-api-[0-9a-f]{10}-2$/);
    expect(networkName('i-1' as InstanceId, 'Shop', 'inside')).toMatch(/^wb-shop-[0-9a-f]{10}-inside$/);
  });

  test('are host names of at most 63 characters, whatever people call things', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), fc.nat(99), (name, host, replica) => {
        const valid = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/;
        for (const made of [
          containerName(ref(), { instanceName: name, host }, replica),
          networkName('i-1' as InstanceId, name, 'outside'),
        ]) {
          expect(made).toMatch(valid);
          expect(made.length).toBeLessThanOrEqual(63);
        }
      }),
    );
  });

  test('differ when instance, component, record or replica differ, and only then', () => {
    const spec = { instanceName: 'shop', host: 'api' };
    const names = [
      containerName(ref(), spec, 0),
      containerName(ref(), spec, 1),
      containerName(ref({ instance: 'i-2' }), spec, 0),
      containerName(ref({ component: 'db' }), spec, 0),
      containerName(ref({ record: 'r-2' }), spec, 0),
    ];
    expect(new Set(names).size).toBe(names.length);
    expect(containerName({ ...ref(), specDigest: digestOf('another') }, spec, 0)).toBe(names[0]);
  });

  test('do not run together', () => {
    expect(containerName(ref({ instance: 'a', component: 'bc' }), { instanceName: 'x', host: 'y' }, 0)).not.toBe(
      containerName(ref({ instance: 'ab', component: 'c' }), { instanceName: 'x', host: 'y' }, 0),
    );
  });

  test('let a container call itself the same in every version, and never as a component is called', () => {
    expect([hostName('rabbit', 0), hostName('Rabbit_MQ', 2), hostName('…', 0)]).toEqual([
      'rabbit-r0',
      'rabbit-mq-r2',
      'x-r0',
    ]);
  });
});
