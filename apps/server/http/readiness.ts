import { setTimeout as delay } from 'node:timers/promises';
import { isWaybillError } from '@waybill/kernel';
import type { Parts } from '../parts.js';
import { awaySince } from './storeAway.js';
import type { CheckDto, ReadyDto } from './dto/health.dto.js';

/** Milliseconds after which a part that does not answer counts as away. */
const PATIENCE = 3_000;

/** Asks every part whether it works; the parts are asked side by side and none for long. */
export async function readiness(parts: Pick<Parts, 'store' | 'contact' | 'readModels' | 'runtime'>): Promise<ReadyDto> {
  const { store, contact, readModels, runtime } = parts;
  const absence = contact.absence();
  const checks = await Promise.all([
    check('event-store', () => (absence === undefined ? store.head() : Promise.reject(awaySince(absence.since)))),
    check('read-models', async () => {
      const failed = readModels.status().find((model) => model.failed !== undefined);
      if (failed !== undefined) throw new Error(`${failed.name}: ${failed.failed ?? ''}`);
      // How far they are behind cannot be told then, and they are what still answers.
      if (absence === undefined) await readModels.whenProcessed(await store.head(), { timeoutMs: 1_000 });
    }),
    check('engine', () => runtime.engine()),
  ]);
  const down = checks.filter(({ ok }) => !ok).map(({ name }) => name);
  const status = down.length === 0 ? 'ready' : down.every((name) => name === 'engine') ? 'degraded' : 'unready';
  return { status, checks };
}

async function check(name: CheckDto['name'], ask: () => Promise<unknown>): Promise<CheckDto> {
  const stopped = new AbortController();
  try {
    const late = delay(PATIENCE, undefined, { signal: stopped.signal }).then(() => {
      throw new Error(`no answer within ${PATIENCE} ms`);
    });
    await Promise.race([ask(), late]);
    return { name, ok: true };
  } catch (error) {
    // Anybody may ask: only sentences meant for callers are passed on.
    const reason = isWaybillError(error) || name !== 'event-store' ? (error as Error).message : 'it does not answer';
    return { name, ok: false, reason };
  } finally {
    stopped.abort();
  }
}
