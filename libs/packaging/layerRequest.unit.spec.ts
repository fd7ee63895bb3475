import { expect, it } from 'vitest';
import { isWaybillError, sha256 } from '@waybill/kernel';
import { signInventory } from './inventory.js';
import { layerRequestIn, layersHeldBy } from './layerRequest.js';
import { newPublisher, signingKeyOf } from './signing/index.js';

const [one, two, three] = [sha256('1'), sha256('2'), sha256('3')];
const request = {
  schema: 1,
  template: 'shop',
  version: '1.1.0',
  manifest: three,
  layers: [one],
  missing: [two],
} as const;
const refusal = (value: unknown) => {
  try {
    return layersHeldBy(value);
  } catch (error) {
    return isWaybillError(error) ? `${error.code}: ${String(error.details['reason'])}` : error;
  }
};

it('a request for layers tells what its site holds, as the inventory of a site does', () => {
  expect(layerRequestIn(request)).toEqual(request);
  expect(layersHeldBy(request)).toEqual([one]);
  const publisher = newPublisher('Hospital', signingKeyOf(Buffer.alloc(32, 1)));
  expect(layersHeldBy(signInventory(publisher, '2026-01-02T03:04:05Z', [two, one]))).toEqual([one, two].sort());
});

it.each([
  [{ ...request, schema: 2 }, 'this Waybill reads schema 1 only; a later one may read it.'],
  [{ ...request, manifest: 'x' }, 'it does not say for which version it is.'],
  [{ ...request, template: 1 }, 'it does not say for which version it is.'],
  [{ ...request, layers: [one, 'x'] }, 'what it lists are not all digests.'],
  [{ ...request, missing: two }, 'what it lists are not all digests.'],
  [{ layers: [one] }, 'it is no envelope of signatures (DSSE).'],
])('what is no sound request is refused: %o', (value, reason) => {
  expect(refusal(value)).toBe(`inventory-invalid: ${reason}`);
});
