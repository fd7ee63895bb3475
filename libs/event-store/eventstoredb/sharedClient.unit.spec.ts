import { describe, expect, it } from 'vitest';
import { storeAddress } from './connectionString.js';
import { leaseClient } from './sharedClient.js';

const nowhere = storeAddress('esdb://127.0.0.1:1,127.0.0.1:1?tls=false&maxDiscoverAttempts=1&discoveryInterval=1');
const UNAVAILABLE = 14;

describe('the client of this process', () => {
  it('is one for all who name the same store, until the last of them leaves', async () => {
    const [first, second] = [leaseClient(nowhere), leaseClient(nowhere)];
    expect(second.client).toBe(first.client);
    await first.release();
    await first.release();
    const third = leaseClient(nowhere);
    expect(third.client).toBe(second.client);
    await second.release();
    await third.release();
    const fourth = leaseClient(nowhere);
    expect(fourth.client).not.toBe(first.client);
    await fourth.release();
  });

  it('does not end the process when no node is found while calls fail', async () => {
    const lease = leaseClient(nowhere);
    const inner = lease.client as unknown as {
      getChannel(): Promise<unknown>;
      handleError(call: { getChannel(): unknown }, error: Error): Promise<void>;
    };
    const searching = inner.getChannel();
    const lost = Object.assign(new Error('lost'), { code: UNAVAILABLE, details: 'lost' });
    const handled = inner.handleError({ getChannel: () => 'the one before' }, lost);
    await expect(searching).rejects.toThrow('Failed to discover');
    await expect(handled).resolves.toBeUndefined();
    await lease.release();
  });
});
