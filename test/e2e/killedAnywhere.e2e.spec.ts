import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { failpointNames } from '../support/faults/failpointNames.js';
import { acts } from '../support/faults/journey.js';
import {
  killAt,
  killFirstStartAt,
  killsOf,
  sampleOf,
  traceJourney,
  type Killed,
  type Passings,
} from '../support/faults/killAnywhere.js';
import { nameOf, ordersOf } from '../support/faults/orders.js';
import { cleanServers, freshFolder } from '../support/server.js';

/** `npm run verify:deep` asks for the whole of it. */
const isDeep = process.env['WAYBILL_TEST_DEEP'] === '1';
/** `WAYBILL_TEST_SEED` takes the sample of another run again. */
const seed = process.env['WAYBILL_TEST_SEED'] ?? randomBytes(4).toString('hex');

/** What no act here passes, with the reason. Whoever adds a failpoint adds an act that passes it, or a line here. */
const elsewhere: Readonly<Record<string, string>> = {
  'append access-denied': 'of who may do what, not of an operation',
  'append login-failed': 'of who may do what, not of an operation',
  'append role-revoked': 'of who may do what, not of an operation',
  'append token-revoked': 'of who may do what, not of an operation',
  'append run-ended': 'of a component that runs at times, not of an operation',
  'append run-skipped': 'of a component that runs at times, not of an operation',
  'append run-started': 'of a component that runs at times, not of an operation',
  'append setting-withdrawn': 'one append, of a setting that waits: instanceDecider.unit',
  'append key-revoked': 'of whom the site trusts, not of an operation',
  'append publisher-accepted': 'of a package nobody vouches for, before its import goes on as any: trust.int',
  'append publisher-bound': 'in one append with version-imported: trust.int',
  'append publisher-roots-advanced': 'of whom the site trusts, before its import goes on as any: trust.int',
  'append trust-root-added': 'of whom the site trusts, not of an operation',
  'append unsigned-package-accepted': 'of a package nobody vouches for, before its import goes on as any: trust.int',
  'append publisher-key-revoked': 'of this server’s keys, killed at each step: publisherKeys.e2e',
  'append publisher-key-rotated': 'of this server’s keys, killed at each step: publisherKeys.e2e',
  'rename a signing key': 'of this server’s keys, killed at each step: publisherKeys.e2e',
  'append sbom-attached': 'one append, beside a version: sboms.int',
  'append collection-begun': 'of a collection, killed between any two removals: collecting.int',
  'append content-collected': 'of a collection, killed between any two removals: collecting.int',
  'append retention-policy-set': 'one append, of an instance: retention.unit',
  'remove what is collected': 'of a collection, killed between any two removals: collecting.int',
  'rename what is collected': 'of a collection, killed between any two removals: collecting.int',
  'rename what was collected': 'only on a file system that gives no file two names',
  'append version-released': 'one append, of a version: templateDecider.unit',
  'append version-withdrawn': 'one append, of a version, or before an import goes on as any: trust.int',
  'append taken-over': 'of another server after this one’s death: severalServers.e2e',
  'append import-discarded': 'ends an import in one append: importProcess.int',
  'append import-failed': 'ends an import in one append: importProcess.int',
  'append package-refused': 'ends an import in one append: importProcess.int',
  'append part-received': 'of an import that waits for parts, killed at every append: importingParts.int',
  'append parts-lost': 'of an import that waits for parts: importingParts.int',
  'append rollout-failed': 'only when the engine refuses to bring the former containers back: failedGate.e2e',
  'engine GET /images/{id}': 'of a publication from the engine, which reads only: composePublishing.e2e',
  'engine POST /containers/{id}/wait': 'only when somebody else removes the same container at that moment',
  'rename what is damaged': 'of the check of stored content, not of an operation',
  'append export-failed': 'ends an export in one append: exporting.int',
};

/** What is passed only when time is short or long: a claim is renewed, a container is seen when it was started again. */
const sometimes = ['append claim-renewed', 'engine GET /events'];

let folder: string;
let passings: Passings;

beforeAll(async () => {
  folder = await freshFolder();
  passings = await traceJourney(folder);
}, 600_000);
afterAll(cleanServers);

const told = (killed: Killed) => [`${killed.act}: ${killed.order}`, ...killed.found].join('\n  ! ');

function expectWell(done: readonly Killed[], asked: number): void {
  const reached = done.filter((one) => one.reached);
  const wrong = done.filter((one) => one.found.length > 0);
  const violations = wrong.reduce((sum, { found }) => sum + found.length, 0);
  process.stdout.write(
    `SIGKILL at ${String(reached.length)} of ${String(asked)} points: ${String(violations)} violations` +
      `${isDeep ? '' : ` (sample with seed ${seed})`}\n`,
  );
  expect(wrong.map(told)).toEqual([]);
  // Where two things go on at once, their order is not the same every time.
  expect(done.filter((one) => !one.reached).length, 'points that were not passed').toBeLessThanOrEqual(asked / 10);
}

describe('a server that is killed anywhere', () => {
  it('can be killed at everything that the code appends, renames, syncs or asks of the engine', async () => {
    const passed = new Set([...passings.values()].flat().flatMap(namesIn));
    const missed = (await failpointNames()).filter((name) => !passed.has(name) && !sometimes.includes(name));
    expect(missed).toEqual(Object.keys(elsewhere).sort());
  });

  it('in its first start comes up at the next one, with its keys and its administrator', async () => {
    const orders = ordersOf(passings.get('start') ?? []);
    const chosen = isDeep ? orders : sampleOf(orders, 3, seed);
    const done: Killed[] = [];
    for (const order of chosen) done.push(await killFirstStartAt(order));
    expectWell(done, chosen.length);
  }, 1_200_000);

  it(
    `in ${acts.join(', ')} ends each of them well after a restart, with nothing lost, twice or left over`,
    async () => {
      const all = killsOf(passings);
      const chosen = isDeep
        ? all
        : acts.flatMap((act) =>
            sampleOf(
              all.filter((kill) => kill.act === act),
              2,
              seed,
            ),
          );
      const done = await killAt(chosen, { folder, workers: isDeep ? 6 : 2 });
      expectWell(done, chosen.length);
    },
    isDeep ? 7_200_000 : 600_000,
  );
});

/** An append of several types is one passing. */
function namesIn(passing: string): readonly string[] {
  const name = nameOf(passing);
  return name.startsWith('append ')
    ? name
        .slice('append '.length)
        .split('+')
        .map((type) => `append ${type}`)
    : [name];
}
