import { setTimeout as delay } from 'node:timers/promises';
import { isWaybillError, type RecordId } from '@waybill/kernel';
import type { Claim } from '@waybill/event-store';
import type { ObservedUnit, Runtime, UnitRef, UnitSpec } from '@waybill/runtime';
import type { DeliveryDependencies } from '../app/dependencies.js';
import { asCanonical, loadContents, loadDesired } from '../app/loadDocuments.js';
import { clearSecrets, opener } from '../app/secrets.js';
import { reportRun } from '../app/reportRun.js';
import { loadInstance } from '../app/streams.js';
import { inTime } from '../domain/attendance.js';
import { mask } from '../domain/mask.js';
import type { RunEnded } from '../domain/runs.js';
import { runSpec, specDigest } from '../domain/unitSpec.js';
import type { OpenRun } from '../read/runs.js';
import { isPassing } from '../rollout/passing.js';

export interface RunOptions {
  readonly claim: Pick<Claim, 'assertHeld'>;
  readonly signal: AbortSignal;
}

type Result = Pick<RunEnded['data'], 'outcome' | 'exitCode' | 'reason' | 'log' | 'startedAt'>;

/** Records that a run begins; false when it was begun before. */
export async function beginRun(deps: DeliveryDependencies, run: OpenRun, spec: UnitSpec): Promise<boolean> {
  const document = await deps.documents.putJson(asCanonical(spec));
  return reportRun(deps, run.due, {
    type: 'run-started',
    data: { ...run, spec: { document, digest: specDigest(spec) } },
  });
}

/** What a component runs from now; undefined when it cannot. */
export async function specNow(
  deps: DeliveryDependencies,
  { instance, component }: OpenRun,
): Promise<UnitSpec | undefined> {
  const { state } = await loadInstance(deps, instance);
  const desired = await loadDesired(deps.documents, state.desired);
  const found = desired?.components[component];
  if (desired === undefined || found === undefined) return undefined;
  const contents = await loadContents(deps.documents, desired);
  return runSpec(found, { instance: { id: state.id, name: state.name }, desired, contents });
}

/**
 * Sees a run through that has begun: makes its container (or finds it, after a restart), waits for its end, records what came of it, and removes
 * the container. While the engine is away it waits.
 * @param spec absent: it began before a restart or under another server, and is seen through if its container is there or can still be made in time
 */
export async function carryOutRun(
  deps: DeliveryDependencies,
  run: OpenRun,
  spec: UnitSpec | undefined,
  { claim, signal }: RunOptions,
): Promise<void> {
  const runtime = deps.runtime.guarded(() => claim.assertHeld());
  const { state } = await loadInstance(deps, run.instance);
  const secrets = clearSecrets(deps.secretKey, state);
  for (;;) {
    try {
      const there = (await runtime.observe(run.instance)).find((unit) => unit.ref.record === (run.run as RecordId));
      const found = there !== undefined && hasBegun(there) ? there.ref : undefined;
      const isLost =
        spec === undefined && found === undefined && !inTime(new Date(run.due), new Date(deps.clock.now()));
      const { result, ref } = isLost
        ? { result: GONE, ref: there?.ref }
        : await runToEnd(
            deps,
            runtime,
            run,
            spec ?? (await specNow(deps, run)),
            found,
            signal,
            opener(deps.secretKey, state),
          );
      const { run: id, instance, component } = run;
      const masked = { ...result, log: mask(result.log, secrets) };
      await reportRun(deps, run.due, { type: 'run-ended', data: { run: id, instance, component, ...masked } });
      if (ref !== undefined) await runtime.retireUnit(ref);
      return;
    } catch (error) {
      signal.throwIfAborted();
      if (!isPassing(error)) throw error;
      deps.log('warn', 'a run waits', { ...run, error });
      await delay(PAUSE, undefined, { signal });
    }
  }
}

/** A server that ended between making a container and starting it leaves one that never runs; it is made anew. */
const hasBegun = ({ replicas }: ObservedUnit): boolean =>
  replicas.every(({ state }) => state !== 'created' && state !== 'dead' && state !== 'removing');

const PAUSE = 2_000;
const GONE: Result = { outcome: 'unknown', reason: 'its server ended, and nothing of it is on the engine', log: '' };
const LOG_LINES = 50;
const LOG_LENGTH = 16_384;

async function runToEnd(
  deps: DeliveryDependencies,
  runtime: Runtime,
  { run, instance, component }: OpenRun,
  spec: UnitSpec | undefined,
  found: UnitRef | undefined,
  signal: AbortSignal,
  openSecret: Parameters<Runtime['stageUnit']>[2],
): Promise<{ readonly result: Result; readonly ref: UnitRef | undefined }> {
  if (spec === undefined) return { result: GONE, ref: found };
  const ref = found ?? { instance, component, record: run as RecordId, specDigest: specDigest(spec) };
  try {
    if (found === undefined) {
      await runtime.ensureImage(spec.image, deps.content);
      await runtime.stageUnit(ref, spec, openSecret);
    }
    const outcome = await runtime.gateUnit(ref, spec, { signal });
    const unit = (await runtime.observe(instance)).find((one) => one.ref.record === ref.record);
    const [container] = unit?.replicas ?? [];
    const log = (await runtime.logs(ref, LOG_LINES)).slice(-LOG_LENGTH);
    const seen = {
      log,
      ...(container?.exitCode === undefined ? {} : { exitCode: container.exitCode }),
      ...(container?.startedAt === undefined ? {} : { startedAt: container.startedAt }),
    };
    const result: Result =
      outcome.kind === 'ready'
        ? { outcome: 'succeeded', ...seen }
        : { outcome: 'failed', reason: outcome.reason, ...seen };
    return { result, ref };
  } catch (error) {
    if (isPassing(error) || !isWaybillError(error)) throw error;
    return { result: { outcome: 'failed', reason: error.message, log: '' }, ref };
  }
}
