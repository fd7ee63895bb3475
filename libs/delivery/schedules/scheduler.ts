import { setTimeout as delay } from 'node:timers/promises';
import { hasCode, type EngineId, type Instant } from '@waybill/kernel';
import type { DeliveryDependencies } from '../app/dependencies.js';
import { reportRun } from '../app/reportRun.js';
import { attendance } from '../domain/attendance.js';
import { scheduledRun, type RunSkipped } from '../domain/runs.js';
import { dueTimes } from '../domain/schedule.js';
import { lastDue, openRuns, type OpenRun } from '../read/runs.js';
import { isPassing } from '../rollout/passing.js';
import { beginRun, carryOutRun, specNow } from './carryOutRun.js';
import { scheduledComponents, type Scheduled } from './scheduled.js';

/** Milliseconds between two looks. */
const LOOK = 1_000;

/**
 * Runs components at their times, until it is closed. Servers of one store agree by a claim for each component: one of them runs it. A time at which
 * no server ran, at which the run before had not ended, or at which the instance was being changed is recorded as skipped and not made up for.
 */
export function scheduler(deps: DeliveryDependencies): { close(): Promise<void> } {
  const closing = new AbortController();
  const isClosing = () => closing.signal.aborted;
  const inHand = new Map<string, Promise<void>>();
  const handled = new Map<string, Instant>();
  const seenOpen = new Set<string>();
  const scheduled = scheduledComponents(deps);

  async function look(): Promise<void> {
    for (const run of openRuns(deps.readModels.db)) {
      // One that is new may still be its server's, which has only just claimed it.
      if (seenOpen.has(run.run)) take(run, (claim) => carryOutRun(deps, run, undefined, claim));
      seenOpen.add(run.run);
    }
    for (const one of await scheduled()) await attend(one);
  }

  async function attend(one: Scheduled): Promise<void> {
    const { instance, component, schedule, since, changing } = one;
    const key = keyOf(one);
    const known = [since, lastDue(deps.readModels.db, instance, component), handled.get(key)];
    const after =
      known
        .filter((time) => time !== undefined)
        .sort()
        .at(-1) ?? since;
    const now = new Date(deps.clock.now());
    const times = dueTimes(schedule, new Date(after), now);
    const last = times.at(-1);
    if (last === undefined) return;
    const engine = await engineHere();
    // Nothing can be begun; when it stays away, the time was missed.
    if (engine === undefined) return;
    handled.set(key, last.toISOString());
    if (engine !== one.engine) return;
    const decided = attendance(times, now, { running: inHand.has(key), changing });
    for (const { due, reason, times: count } of decided.skip) await skip(one, due, reason, count);
    if (decided.run !== undefined) run(one, decided.run.toISOString());
  }

  async function engineHere(): Promise<EngineId | undefined> {
    try {
      return (await deps.runtime.engine()).id;
    } catch (error) {
      if (isPassing(error)) return undefined;
      throw error;
    }
  }

  function run(one: Scheduled, due: Instant): void {
    const { instance, component } = one;
    const open: OpenRun = { run: scheduledRun(instance, component, due), instance, component, due };
    take(open, async (options) => {
      const spec = await specNow(deps, open);
      if (spec !== undefined && (await beginRun(deps, open, spec))) await carryOutRun(deps, open, spec, options);
    });
  }

  /** Under the component's claim; when another server has it, the run is that server's. */
  function take(run: OpenRun, work: (options: Parameters<typeof carryOutRun>[3]) => Promise<void>): void {
    const key = keyOf(run);
    if (inHand.has(key)) return;
    const doing = async (): Promise<void> => {
      const claim = await deps.claims.acquire(`schedule-${run.instance}-${run.component}`, {
        signal: closing.signal,
        // What the former holder asked the engine for just before it lost the claim has been answered by then, or is given up.
        onTakeOver: () => delay(deps.engineTimeoutMs, undefined, { signal: closing.signal }),
      });
      try {
        await work({ claim, signal: AbortSignal.any([closing.signal, claim.lost]) });
      } finally {
        await claim.release();
      }
    };
    inHand.set(
      key,
      doing()
        .catch((error: unknown) => {
          if (isClosing() || hasCode(error, 'claim-held') || hasCode(error, 'claim-lost')) return;
          handled.delete(key);
          deps.log('error', 'a run stopped here, and goes on later', { ...run, error });
        })
        .finally(() => inHand.delete(key)),
    );
  }

  const skip = (
    { instance, component }: Scheduled,
    time: Date,
    reason: RunSkipped['data']['reason'],
    times: number,
  ) => {
    const due = time.toISOString();
    const run = scheduledRun(instance, component, due);
    return reportRun(deps, due, { type: 'run-skipped', data: { run, instance, component, due, reason, times } });
  };

  const looking = (async () => {
    while (!isClosing()) {
      try {
        await look();
      } catch (error) {
        if (!isClosing()) deps.log('error', 'could not look for what is due', { error });
      }
      await delay(LOOK, undefined, { signal: closing.signal }).catch(() => undefined);
    }
  })();

  return {
    async close() {
      closing.abort();
      await Promise.allSettled([looking, ...inHand.values()]);
    },
  };
}

const keyOf = ({ instance, component }: Pick<Scheduled, 'instance' | 'component'>): string =>
  `${instance}/${component}`;
