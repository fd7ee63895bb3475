import { Inject, Module, type DynamicModule, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { commandHandlers, DELIVERY, ROLLOUTS } from './app/commands.js';
import type { DeliveryDependencies } from './app/dependencies.js';
import { deliveryReader } from './read/deliveryReader.js';
import { openRecords } from './read/instances.js';
import { rolloutRunner, type RolloutRunner } from './rollout/rolloutRunner.js';

/** Under this Nest finds the `DeliveryReader`. */
export const DELIVERY_READER = Symbol('delivery reader');

/**
 * Delivery in a Nest application: handles its commands on the application's bus. Open records go on when the application has started, and rest
 * when it is closed. Exports `DELIVERY_READER` and `ROLLOUTS`.
 */
@Module({})
export class DeliveryModule implements OnApplicationBootstrap, OnModuleDestroy {
  constructor(
    @Inject(DELIVERY) private readonly deps: DeliveryDependencies,
    @Inject(ROLLOUTS) private readonly rollouts: RolloutRunner,
  ) {}

  /** @param dependencies what the composition root has opened, and will close after the application */
  static register(dependencies: DeliveryDependencies): DynamicModule {
    return {
      module: DeliveryModule,
      providers: [
        { provide: DELIVERY, useValue: dependencies },
        { provide: ROLLOUTS, useFactory: () => rolloutRunner(dependencies) },
        { provide: DELIVERY_READER, useFactory: () => deliveryReader(dependencies) },
        ...commandHandlers,
      ],
      exports: [DELIVERY_READER, ROLLOUTS],
    };
  }

  onApplicationBootstrap(): void {
    for (const { instance, record } of openRecords(this.deps.readModels.db)) this.rollouts.start(instance, record);
  }

  async onModuleDestroy(): Promise<void> {
    await this.rollouts.close();
  }
}
