import { afterAll, beforeAll, describe } from 'vitest';
import type { EventStore } from '../eventStore.js';
import { appendContract } from './contract/appendContract.js';
import { contentContract } from './contract/contentContract.js';
import { readContract } from './contract/readContract.js';
import { restartContract } from './contract/restartContract.js';
import type { EventStoreFactory } from './contract/storeUnderTest.js';
import { subscriptionContract } from './contract/subscriptionContract.js';

export type { EventStoreFactory } from './contract/storeUnderTest.js';

/**
 * What every event store must do, whatever it is made of; to be called at the top level of a `.contract.spec.ts`.
 * It expects nothing that a genuine EventStoreDB does not do, and nothing of the log but the streams it writes itself.
 */
export function eventStoreContract(factory: EventStoreFactory): void {
  describe(`the event store contract over ${factory.name}`, () => {
    let store: EventStore;
    beforeAll(async () => {
      store = await factory.open();
    });
    afterAll(() => factory.dispose());

    const underTest = {
      current: () => store,
      restart: async () => (store = await factory.reopen()),
    };
    appendContract(underTest);
    contentContract(underTest);
    readContract(underTest);
    subscriptionContract(underTest);
    restartContract(underTest);
  });
}
