import { describe, expect, it } from 'vitest';
import { digestOf, secretKey, type EngineId, type InstanceId, type TemplateKey } from '@waybill/kernel';
import type { Plan } from '../domain/plan.js';
import { isSealed, sealed } from './planSeal.js';

const [key, other] = [secretKey(new Uint8Array(32).fill(1)), secretKey(new Uint8Array(32).fill(2))];
const plan: Plan = {
  schema: 1,
  kind: 'remove',
  instance: { id: 'i' as InstanceId, name: 'shop' },
  engine: 'e' as EngineId,
  template: { key: 't' as TemplateKey, name: 'shop' },
  from: null,
  to: null,
  basis: { record: null, state: digestOf({}) },
  items: [],
  steps: [],
  ports: [],
  secrets: [],
  images: [],
  desired: null,
  removeVolumes: false,
  warnings: [],
};

describe('the seal of a plan', () => {
  it('is the same however often the plan is computed', () => {
    expect(sealed(key, plan)).toEqual(sealed(key, sealed(key, plan)));
    expect(isSealed(key, sealed(key, plan))).toBe(true);
  });

  it('does not fit a plan that says something else, has none, or comes from elsewhere', () => {
    expect(isSealed(key, { ...sealed(key, plan), removeVolumes: true })).toBe(false);
    expect(isSealed(key, plan)).toBe(false);
    expect(isSealed(key, sealed(other, plan))).toBe(false);
  });
});
