import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256 } from '@waybill/kernel';
import { cleanInstances } from '../engine.js';
import { freshFolder, startInVain, startServer } from '../server.js';
import { waitFor } from '../waitFor.js';
import { startViolations, violations } from './invariants.js';
import { acts, beginJourney, type Act, type Journey } from './journey.js';
import { mortalServer, type MortalServer } from './mortalServer.js';
import { ordersOf } from './orders.js';

/** One place at which a server is killed. */
export interface Kill {
  readonly act: Act | 'start';
  /** For `obeyFailpoints`. */
  readonly order: string;
  /** It was not passed: tried once more, on a new server, since one that has run before has less to store. */
  readonly again?: boolean;
}

export interface Killed extends Kill {
  /** False: the act ended without passing there, twice; so it is where time decides who is first. */
  readonly reached: boolean;
  readonly found: readonly string[];
}

/** What was passed in each act, and in the server's first start. */
export type Passings = ReadonlyMap<Act | 'start', readonly string[]>;

/** Milliseconds within which all must be well after an act has ended. */
const SETTLED = 60_000;

/** So many are enough to look into. */
const MOST_FAILURES = 25;

/** Goes the whole way once without any death. @returns the passings of each act */
export async function traceJourney(folder: string): Promise<Passings> {
  const server = await mortalServer({ WAYBILL_IMPORT_ROOTS: folder });
  const journey = await beginJourney(server, folder);
  try {
    const passings = new Map<Act | 'start', readonly string[]>([['start', await server.passings()]]);
    await server.forget();
    for (const act of acts) {
      await journey.act(act);
      // Before anything is looked at: that asks the engine too.
      const all = await atRest(server, act);
      const found = await settled(journey);
      await server.forget();
      if (found.length > 0) throw new Error(`without any death, ${act} ends with ${found.join('; ')}`);
      passings.set(act, all);
    }
    return passings;
  } finally {
    await end(journey);
    await server.stop();
  }
}

export const killsOf = (passings: Passings): readonly Kill[] =>
  acts.flatMap((act) => ordersOf(passings.get(act) ?? []).map((order) => ({ act, order })));

/**
 * Kills servers at all of these places, one place in each act of a journey, several journeys at a time.
 * @param tell hears of each kill when its act is over
 */
export async function killAt(
  kills: readonly Kill[],
  options: {
    readonly folder: string;
    readonly workers: number;
    readonly tell?: (killed: Killed, left: number) => void;
  },
): Promise<readonly Killed[]> {
  const waiting = new Map(acts.map((act) => [act, kills.filter((kill) => kill.act === act)]));
  const done: Killed[] = [];
  const left = () => [...waiting.values()].reduce((sum, { length }) => sum + length, 0);

  async function actOn(journey: Journey, act: Act): Promise<boolean> {
    const { server } = journey;
    const kill = waiting.get(act)?.shift();
    if (kill !== undefined) await server.dieAt(kill.order);
    const found: string[] = [];
    try {
      await journey.act(act);
    } catch (error) {
      found.push(String(error));
    }
    // What comes after the answer is part of the act too.
    if (found.length === 0) await atRest(server, act);
    const reached = await server.spare();
    if (kill !== undefined && !reached && !kill.again) {
      waiting.get(act)?.push({ ...kill, again: true });
      return found.length === 0;
    }
    if (found.length === 0) found.push(...(await settled(journey)), ...(await journey.repeatCommands()));
    const killed = { act, order: kill?.order ?? 'nowhere', reached, found };
    if (kill !== undefined || found.length > 0) {
      done.push(killed);
      options.tell?.(killed, left());
    }
    return found.length === 0;
  }

  async function work(): Promise<void> {
    let server: MortalServer | undefined;
    while (left() > 0 && done.filter(({ found }) => found.length > 0).length < MOST_FAILURES) {
      if ([...waiting.values()].flat().some(({ again }) => again)) {
        await server?.stop();
        server = undefined;
      }
      server ??= await mortalServer({ WAYBILL_IMPORT_ROOTS: options.folder });
      const journey = await beginJourney(server, options.folder);
      let well = true;
      for (const act of acts) {
        const isNeeded = acts.slice(acts.indexOf(act)).some((one) => (waiting.get(one)?.length ?? 0) > 0);
        // What would be found by the next journey on this server is taken away.
        const clears =
          (act === 'remove' && journey.instance !== undefined) ||
          (act === 'remove export' && journey.expected.exports.length > 0);
        if (!well || !(isNeeded || clears)) continue;
        well = await actOn(journey, act);
      }
      await end(journey);
      // One thing that went wrong is told once: what follows has a server of its own.
      if (!well) {
        await server.stop().catch(() => undefined);
        server = undefined;
      }
    }
    await server?.stop();
  }

  await Promise.all(Array.from({ length: options.workers }, work));
  return done;
}

/** So many of them, the same ones for the same seed. */
export function sampleOf<T>(kills: readonly T[], count: number, seed: string): readonly T[] {
  const order = (kill: T) => sha256(JSON.stringify([seed, kill]));
  return [...kills].sort((a, b) => order(a).localeCompare(order(b))).slice(0, count);
}

/** Kills a server that has never run before while it starts, and starts it again. */
export async function killFirstStartAt(order: string): Promise<Killed> {
  const [data, file] = [await freshFolder(), join(await freshFolder(), 'passings')];
  const env = { WAYBILL_FAILPOINTS: file };
  await writeFile(`${file}.kill`, order);
  const reached = await startInVain({ data, env }).then(
    ({ exitCode }) => exitCode === null,
    () => false,
  );
  await rm(`${file}.kill`);
  const server = await startServer({ data, env });
  try {
    return { act: 'start', order, reached, found: await startViolations(server) };
  } finally {
    await server.stop();
  }
}

/** The passings of an act, when a death, or what comes last in every act, is the last of them, and none follows for a moment. */
function atRest(server: MortalServer, act: Act): Promise<readonly string[]> {
  let before = -1;
  // Nothing goes on behind an answer that was waited for.
  const ends =
    act === 'remove export'
      ? /^append answer-given after$/
      : /^(append claim-released|remove a staging area|remove the note of an upload) after$/;
  return waitFor('the end of an act', async () => {
    const passings = await server.passings();
    const isEnd = server.hasDied() || ends.test(passings.at(-1) ?? '');
    if (isEnd && passings.length === before) return passings;
    before = passings.length;
    return undefined;
  });
}

/** What is still wrong after a while in which background work may end. */
async function settled(journey: Journey): Promise<readonly string[]> {
  let last: readonly string[] = [];
  const look = async () => ((last = await violations(journey)).length === 0 ? last : undefined);
  return waitFor('all to be well', look, SETTLED).catch(() => last);
}

async function end(journey: Journey): Promise<void> {
  if (journey.instance !== undefined) await cleanInstances([journey.instance]);
  await journey.end();
}
