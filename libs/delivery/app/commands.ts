import { Inject } from '@nestjs/common';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { workingOn, type CommandContext } from '@waybill/event-store';
import { readInstance, type InstanceView } from '../read/instanceState.js';
import { readSettings, type SettingView } from '../read/settings.js';
import type { RolloutRunner } from '../rollout/rolloutRunner.js';
import { changeSettings, type SettingsRequest } from './changeSettings.js';
import { createInstance, type NewInstance } from './createInstance.js';
import type { DeliveryDependencies } from './dependencies.js';
import { makePlan, type MadePlan } from './makePlan.js';
import type { PlanRequest } from './sketchPlan.js';
import { setRetention, type RetentionAnswer, type RetentionRequest } from './retention.js';
import { submitPlan, type Submission, type Submitted } from './submitPlan.js';

/** Where Nest finds what delivery was given, and its runner. */
export const DELIVERY = Symbol('delivery');
export const ROLLOUTS = Symbol('rollouts');

/** An instance as it was made. */
export interface CreatedInstance {
  readonly view: InstanceView;
  readonly revision: bigint;
  readonly position: bigint;
}

/** Takes a name and a place; nothing runs yet. */
export class CreateInstance extends Command<CreatedInstance> {
  constructor(
    readonly request: NewInstance,
    readonly context: CommandContext,
  ) {
    super();
  }
}

/** Computes a plan and stores it as a document; writes no event. */
export class MakePlan extends Command<MadePlan> {
  constructor(readonly request: PlanRequest) {
    super();
  }
}

/** Opens a record for a plan and begins its rollout in the background. */
export class SubmitPlan extends Command<Submitted> {
  constructor(
    readonly submission: Submission,
    readonly context: CommandContext,
  ) {
    super();
  }
}

/** The settings with what now waits. */
export interface ChangedSettings {
  readonly settings: readonly SettingView[];
  readonly revision: bigint;
  readonly position: bigint;
}

/** Records what the site wants of its settings; takes effect with the next plan. */
export class ChangeSettings extends Command<ChangedSettings> {
  constructor(
    readonly request: SettingsRequest,
    readonly context: CommandContext,
  ) {
    super();
  }
}

/** Says how far back a rollback of an instance must remain possible. */
export class SetRetention extends Command<RetentionAnswer> {
  constructor(
    readonly request: RetentionRequest,
    readonly context: CommandContext,
  ) {
    super();
  }
}

/** Milliseconds that an answer is held back for the read models. */
const PATIENCE = 2_000;

/** What was just made is found by its name on this server; read models that are far behind do not undo what is done. */
async function readable({ readModels, log }: DeliveryDependencies, position: bigint): Promise<void> {
  try {
    await readModels.whenProcessed(position, { timeoutMs: PATIENCE });
  } catch (error) {
    log('warn', 'the read models lag behind a command', { error });
  }
}

@CommandHandler(CreateInstance)
export class CreateInstanceHandler implements ICommandHandler<CreateInstance> {
  constructor(@Inject(DELIVERY) private readonly deps: DeliveryDependencies) {}
  async execute({ request, context }: CreateInstance): Promise<CreatedInstance> {
    const deps = workingOn(this.deps, context);
    const { state, revision, position } = await createInstance(deps, request, context);
    const view = await readInstance(deps, state.id);
    if (context.dryRun !== true) await readable(this.deps, position);
    return { view, revision, position };
  }
}

@CommandHandler(MakePlan)
export class MakePlanHandler implements ICommandHandler<MakePlan> {
  constructor(@Inject(DELIVERY) private readonly deps: DeliveryDependencies) {}
  execute({ request }: MakePlan): Promise<MadePlan> {
    return makePlan(this.deps, request);
  }
}

@CommandHandler(SubmitPlan)
export class SubmitPlanHandler implements ICommandHandler<SubmitPlan> {
  constructor(
    @Inject(DELIVERY) private readonly deps: DeliveryDependencies,
    @Inject(ROLLOUTS) private readonly rollouts: RolloutRunner,
  ) {}
  async execute({ submission, context }: SubmitPlan): Promise<Submitted> {
    const submitted = await submitPlan(workingOn(this.deps, context), submission, context);
    if (context.dryRun === true) return submitted;
    await readable(this.deps, submitted.position);
    this.rollouts.start(submission.instance, submitted.record);
    return submitted;
  }
}

@CommandHandler(ChangeSettings)
export class ChangeSettingsHandler implements ICommandHandler<ChangeSettings> {
  constructor(@Inject(DELIVERY) private readonly deps: DeliveryDependencies) {}
  async execute({ request, context }: ChangeSettings): Promise<ChangedSettings> {
    const deps = workingOn(this.deps, context);
    const { revision, position } = await changeSettings(deps, request, context);
    return { ...(await readSettings(deps, request.instance)), revision, position };
  }
}

@CommandHandler(SetRetention)
export class SetRetentionHandler implements ICommandHandler<SetRetention> {
  constructor(@Inject(DELIVERY) private readonly deps: DeliveryDependencies) {}
  execute({ request, context }: SetRetention): Promise<RetentionAnswer> {
    return setRetention(this.deps, request, context);
  }
}

export const commandHandlers = [
  CreateInstanceHandler,
  MakePlanHandler,
  SubmitPlanHandler,
  ChangeSettingsHandler,
  SetRetentionHandler,
];
