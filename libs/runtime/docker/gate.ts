import type { GateOutcome, UnitRef, UnitSpec } from '../runtime.js';
import type { Connection } from './connection.js';
import { containersOf, healthOf, inspectContainer, ownContainer, type OwnContainer } from './containers.js';
import { endedWith, ending, type Ending } from './ending.js';
import { exitCodeAt } from './exitCode.js';
import { containerLog } from './logs.js';
import { pause } from './pause.js';
import { tryProbe } from './probe.js';

export interface GateOptions {
  readonly signal: AbortSignal;
  readonly onProgress?: (text: string) => void;
}

/** Waits until every replica of the unit serves, or one has failed. @throws the reason of `signal` */
export async function gateUnit(
  connection: Connection,
  ref: UnitRef,
  spec: UnitSpec,
  options: GateOptions,
): Promise<GateOutcome> {
  options.signal.throwIfAborted();
  const containers = await containersOf(connection, ref);
  if (containers.length < spec.replicas) return { kind: 'failed', reason: 'A container is gone.', log: '' };
  const settled = new AbortController();
  const signal = AbortSignal.any([options.signal, settled.signal]);
  const judging = containers.map(async (container) => {
    const verdict = await judge(connection, container, spec, { ...options, signal });
    if (verdict.kind === 'failed') throw new Failed(container, verdict.reason, verdict.at);
  });
  try {
    await Promise.all(judging);
    return { kind: 'ready' };
  } catch (error) {
    if (!(error instanceof Failed)) throw error;
    return { kind: 'failed', reason: error.message, log: await lastLines(connection, error) };
  } finally {
    settled.abort(new Error('the gate is decided'));
    await Promise.allSettled(judging);
  }
}

/** Carries the first failure past the replicas that are still being judged. */
class Failed extends Error {
  constructor(
    readonly container: OwnContainer,
    reason: string,
    readonly at: string | undefined,
  ) {
    super(reason);
  }
}

/** Up to its end, when it ended: what a restarted container writes would push out why it did. */
const lastLines = (connection: Connection, { container, at }: Failed): Promise<string> =>
  containerLog(connection, container.id, LOG_LINES, LOG_BYTES, at);

const LOG_LINES = 50;
const LOG_BYTES = 16_384;
const LOOK_MS = 200;

type Sign = { readonly kind: 'ready' } | { readonly kind: 'not-yet'; readonly why: string };

async function judge(
  connection: Connection,
  container: OwnContainer,
  spec: UnitSpec,
  { signal, onProgress }: GateOptions,
): Promise<Exclude<Ending, { kind: 'restarted' | 'stopped' }>> {
  const begun = connection.clock.monotonic();
  const elapsed = (): number => (connection.clock.monotonic() - begun) / 1000;
  const lookForSign = signs(connection, spec, elapsed, signal);
  let told = '';
  for (;;) {
    const info = await inspectContainer(connection, container.id, signal);
    if (info === undefined) return { kind: 'failed', reason: `The container ${container.name} is gone.` };
    const ended = ending(info, spec.lifetime);
    if (ended?.kind === 'restarted') {
      const code = await exitCodeAt(connection, container.id, ended.at, signal);
      return { kind: 'failed', reason: endedWith(code), at: ended.at };
    }
    if (ended !== undefined && ended.kind !== 'stopped') return ended;
    // An engine that is being restarted goes away next, and brings the container back with it.
    const sign: Sign =
      ended === undefined
        ? await lookForSign(ownContainer(info) ?? container)
        : { kind: 'not-yet', why: `it was stopped from outside. ${ended.reason}` };
    if (sign.kind === 'ready') return sign;
    if (elapsed() >= spec.gate.deadline) {
      return { kind: 'failed', reason: `Not ready within ${spec.gate.deadline} s: ${sign.why}` };
    }
    if (sign.why !== told)
      onProgress?.(spec.replicas === 1 ? sign.why : `replica ${container.replica + 1}: ${sign.why}`);
    told = sign.why;
    await pause(LOOK_MS, signal);
  }
}

/** What tells that a unit serves: its end, its probe, its image's health check, or that it stays up; asked again and again. */
function signs(
  connection: Connection,
  spec: UnitSpec,
  elapsed: () => number,
  signal: AbortSignal,
): (container: OwnContainer) => Promise<Sign> | Sign {
  if (spec.lifetime === 'once') return () => ({ kind: 'not-yet', why: 'it has not ended' });
  const { probe } = spec.gate;
  if (probe !== undefined) return probeSigns(connection, probe, elapsed, signal);
  const settle = Math.min(spec.gate.settle, spec.gate.deadline);
  return ({ info }) => {
    const health = healthOf(info);
    if (health === 'healthy') return { kind: 'ready' };
    if (health !== 'none') return { kind: 'not-yet', why: `its health check says ${health}${lastCheck(info)}` };
    return elapsed() >= settle ? { kind: 'ready' } : { kind: 'not-yet', why: `it must stay up for ${settle} s` };
  };
}

function lastCheck(info: OwnContainer['info']): string {
  const checks = info.State.Health?.Log as readonly { readonly Output: string }[] | null | undefined;
  const output = checks?.at(-1)?.Output.trim().slice(-200) ?? '';
  return output === '' ? '' : `: ${output}`;
}

function probeSigns(
  connection: Connection,
  probe: NonNullable<UnitSpec['gate']['probe']>,
  elapsed: () => number,
  signal: AbortSignal,
): (container: OwnContainer) => Promise<Sign> {
  let next = probe.initialDelay;
  let passed = 0;
  let why = `the first probe comes after ${probe.initialDelay} s`;
  return async (container) => {
    if (elapsed() < next) return { kind: 'not-yet', why };
    const result = await tryProbe(connection, container, probe, signal);
    next = elapsed() + probe.period;
    passed = result.kind === 'passed' ? passed + 1 : 0;
    if (passed >= Math.max(probe.successThreshold, 1)) return { kind: 'ready' };
    why = result.kind === 'passed' ? `${passed} of ${probe.successThreshold} probes passed` : result.reason;
    return { kind: 'not-yet', why };
  };
}
