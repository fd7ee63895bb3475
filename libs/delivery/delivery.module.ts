import { Module, type DynamicModule } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { commandHandlers, DELIVERY, ROLLOUTS } from './app/commands.js';
import type { DeliveryDependencies } from './app/dependencies.js';
import type { DeliveryReader } from './read/deliveryReader.js';
import type { RolloutRunner } from './rollout/rolloutRunner.js';

export const DELIVERY_READER = Symbol('delivery reader');

/** Delivery within Nest: its commands on the command bus, its reader and its runner by token. */
@Module({})
export class DeliveryModule {
  static register(parts: {
    readonly dependencies: DeliveryDependencies;
    readonly reader: DeliveryReader;
    readonly rollouts: RolloutRunner;
  }): DynamicModule {
    return {
      module: DeliveryModule,
      imports: [CqrsModule],
      providers: [
        { provide: DELIVERY, useValue: parts.dependencies },
        { provide: ROLLOUTS, useValue: parts.rollouts },
        { provide: DELIVERY_READER, useValue: parts.reader },
        ...commandHandlers,
      ],
      exports: [DELIVERY_READER, ROLLOUTS],
    };
  }
}
