import { describe, expect, it } from 'vitest';
import { unguardedWorks } from './failpointNames.js';
import { ordersOf } from './orders.js';

describe('failpoints', () => {
  it('stand around every rename and sync of the product', async () => {
    expect(await unguardedWorks()).toEqual([]);
  });

  it('are points to die at: each change each time, each kind of question once, nothing that comes by the clock', () => {
    expect(
      ordersOf([
        'engine GET /info before',
        'engine GET /info after',
        'append plan-proposed before',
        'append plan-proposed after',
        'engine GET /networks before',
        'append claim-renewed before',
        'append plan-proposed before',
        'engine GET /info before',
      ]),
    ).toEqual([
      'engine GET /info before#1',
      'engine GET /info after#1',
      'append plan-proposed before#1',
      'append plan-proposed after#1',
      'append plan-proposed after#1 > engine GET /networks before',
      'append plan-proposed before#2',
    ]);
  });
});
