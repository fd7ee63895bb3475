import type { InstanceId } from '@waybill/kernel';
import { deciderSpecification } from '@waybill/event-store/testing';
import { describe, expect, it } from 'vitest';
import { instanceNameDecider, normalisedName, type InstanceNameEvent } from './instanceName.js';

const spec = deciderSpecification(instanceNameDecider);
const [shop, blog] = ['1' as InstanceId, '2' as InstanceId];
const taken: InstanceNameEvent = { type: 'name-taken', data: { name: 'shop', instance: shop } };
const freed: InstanceNameEvent = { type: 'name-freed', data: { name: 'shop', instance: shop } };

describe('an instance’s name', () => {
  it('is taken by the first', () => spec.given([]).when({ type: 'take', name: 'shop', instance: shop }).then([taken]));
  it('is not taken twice by one', () =>
    spec.given([taken]).when({ type: 'take', name: 'shop', instance: shop }).thenNothing());
  it('is refused to a second', () =>
    spec.given([taken]).when({ type: 'take', name: 'shop', instance: blog }).thenThrows('instance-name-taken'));
  it('is freed by its holder only', () => {
    spec.given([taken]).when({ type: 'free', name: 'shop', instance: shop }).then([freed]);
    spec.given([taken]).when({ type: 'free', name: 'shop', instance: blog }).thenNothing();
  });
  it('can be taken again once it is free', () =>
    spec
      .given([taken, freed])
      .when({ type: 'take', name: 'shop', instance: blog })
      .then([{ type: 'name-taken', data: { name: 'shop', instance: blog } }]));
  it('is lower case letters, digits and dashes', () => {
    expect(normalisedName('Shop-2')).toBe('shop-2');
    for (const name of ['', '-a', 'a-', 'a b', '商店', 'a'.repeat(41), 'a/../b'])
      expect(() => normalisedName(name)).toThrow(expect.objectContaining({ code: 'invalid-name' }));
  });
});
