import { Inject, Module, type DynamicModule, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { commandHandlers, DELIVERY, ROLLOUTS } from './app/commands.js';
import type { DeliveryDependencies } from './app/dependencies.js';
import { deliveryReader } from './read/deliveryReader.js';
import { openRecords } from './read/instances.js';
import { rolloutRunner, type RolloutRunner } from './rollout/rolloutRunner.js';
import { scheduler } from './schedules/scheduler.js';
import { watchOpenRecords } from './rollout/watchOpenRecords.js';

/** Milliseconds between two looks for records that nobody carries out. */
const LOOK = 1_000;

/** Under this Nest finds the `DeliveryReader`. */
export const DELIVERY_READER = Symbol('delivery reader');

/**
 * Delivery in a Nest application: handles its commands on the application's bus. Open records go on when the application has started, those of
 * other servers too when nobody carries them out any longer, and rest when it is closed. Exports `DELIVERY_READER` and `ROLLOUTS`.
 */
@Module({})
export class DeliveryModule implements OnApplicationBootstrap, OnModuleDestroy {
  private stopWatching = () => undefined as unknown;
  private schedules: ReturnType<typeof scheduler> | undefined;

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
    if (!this.deps.carriesOut) return;
    this.schedules = scheduler(this.deps);
    const { db } = this.deps.readModels;
    for (const { instance, record } of openRecords(db)) this.rollouts.start(instance, record);
    this.stopWatching = watchOpenRecords(
      () => openRecords(db),
      (instance, record) => this.rollouts.start(instance, record),
      { everyMs: LOOK, onError: (error) => this.deps.log('error', 'could not look for open records', { error }) },
    );
  }

  async onModuleDestroy(): Promise<void> {
    this.stopWatching();
    await this.schedules?.close();
    await this.rollouts.close();
  }
}
