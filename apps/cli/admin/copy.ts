import { WaybillError } from '@waybill/kernel';
import type { CopiedLog, CopyProgress, EventStore } from '@waybill/event-store';
import { ending } from '../ending.js';
import { counted } from '../output/amounts.js';
import { facts } from '../output/facts.js';
import type { Session } from '../session.js';
import { logAddress, type LogAddress } from './logAddress.js';

export interface CopyFlags {
  readonly from: string;
  readonly to: string;
}

/** `waybill admin copy`: moves a whole log to another store, without a server. */
export async function copyBetween(session: Session, flags: CopyFlags): Promise<void> {
  const { surroundings, progress } = session;
  const from = await logAddress(flags.from, surroundings, { flag: '--from', mustExist: true });
  const to = await logAddress(flags.to, surroundings, { flag: '--to', mustExist: false });
  if (from.printable === to.printable)
    throw new WaybillError('invalid-request', { reason: '--from and --to name the same log.' });
  const began = surroundings.now();
  const copied = await opened(from, (source) =>
    opened(to, (target) => interruptible(session, (signal) => copyWithProgress(session, source, target, signal))),
  ).finally(() => progress.end());
  const seconds = (surroundings.now() - began) / 1_000;
  session.show({ from: from.printable, to: to.printable, ...copied, seconds }, () =>
    summary(from, to, copied, seconds),
  );
  if (copied.sourceGrew && !session.json)
    session.remark('Events were appended to the source meanwhile: stop its servers and run the same command again.');
}

async function copyWithProgress(
  session: Session,
  from: EventStore,
  to: EventStore,
  signal: AbortSignal,
): Promise<CopiedLog> {
  const { copyLog } = await import('@waybill/event-store');
  const onProgress = ({ step, events, share }: CopyProgress) =>
    session.progress.show({
      step: STEPS[step],
      amount: `${counted(events, 'event')} (${Math.floor(share * 100)} %)`,
    });
  return copyLog({ from, to, signal, onProgress });
}

const STEPS: Readonly<Record<CopyProgress['step'], string>> = {
  comparing: 'comparing what the target has already',
  copying: 'copying',
  verifying: 'verifying',
};

async function opened<T>(address: LogAddress, work: (store: EventStore) => Promise<T>): Promise<T> {
  const store = await address.open();
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

async function interruptible<T>({ surroundings }: Session, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const interrupted = new AbortController();
  const forget = surroundings.onInterrupt(() =>
    interrupted.abort(ending(130, 'Stopped. The same command goes on where it was.')),
  );
  try {
    return await work(interrupted.signal);
  } finally {
    forget();
  }
}

const summary = (from: LogAddress, to: LogAddress, copied: CopiedLog, seconds: number): string =>
  facts([
    ['From', from.printable],
    ['To', to.printable],
    ['Events', `${copied.events}: ${copied.written} written, ${copied.found} there before`],
    ['Digest', copied.digest],
    ['Verified', 'every event is the same in both logs, in the same order'],
    ['Took', `${seconds.toFixed(1)} s (${Math.round(copied.events / Math.max(seconds, 0.001))} events/s)`],
  ]);
