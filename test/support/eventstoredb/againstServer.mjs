// `npm run test:eventstoredb -- esdb://…`: what is otherwise tested against the stand-in, against a genuine server. Its log has to be empty:
// the first suite compares what `$all` holds. CI has no such server and uses the stand-in.
import { runTests } from '../../../deploy/setup/testRun.mjs';

/** One after the other, in this order, since they share the server. */
const SUITES = [
  ['contract', 'test/contract/standInAnswers.contract.spec.ts'],
  ['contract', 'libs/event-store/eventstoredb/eventStoreDb.contract.spec.ts'],
  ['e2e', 'test/e2e/eventStoreDb.e2e.spec.ts'],
];

const [server, ...args] = process.argv.slice(2);
if (!/^esdb(\+discover)?:\/\//.test(server ?? '')) {
  console.error('Usage: npm run test:eventstoredb -- esdb://HOST:PORT?tls=false [vitest arguments]');
  process.exit(2);
}
process.env.WAYBILL_TEST_EVENTSTORE = server;
let code = 0;
for (const [level, suite] of SUITES) code = Math.max(code, await runTests({ levels: [level], args: [suite, ...args] }));
process.exitCode = code;
