import { machine, openReport, table } from './report.mjs';

// Measures on the compiled code: `npm run bench -- [name…|all] [--json] [options of the bench]`; every bench says what it measures.
const benches = {
  append: () => import('./append.mjs'),
  copy: () => import('./copy.mjs'),
  import: () => import('./import.mjs'),
  inspect: () => import('./inspect.mjs'),
  plan: () => import('./plan.mjs'),
  publish: () => import('./publish.mjs'),
  rebuild: () => import('./rebuild.mjs'),
  replay: () => import('./replay.mjs'),
  state: () => import('./state.mjs'),
};

const args = process.argv.slice(2).filter((arg) => arg !== '--json');
const firstOption = args.findIndex((arg) => arg.startsWith('--'));
const named = firstOption === -1 ? args : args.slice(0, firstOption);
const options = firstOption === -1 ? [] : args.slice(firstOption);
const names = named.length === 0 || named.includes('all') ? Object.keys(benches) : named;
const unknown = names.find((name) => !Object.hasOwn(benches, name));
if (unknown !== undefined) {
  console.error(`There is no bench "${unknown}": npm run bench -- [all|${Object.keys(benches).join('|')}] [--json]`);
  process.exit(2);
}

const report = openReport();
const cleanUp = new Set();
/** Remembers what a bench has to undo, also when it is interrupted; answers how to do it earlier. */
function onEnd(work) {
  const once = async () => {
    if (cleanUp.delete(once)) await work();
  };
  cleanUp.add(once);
  return once;
}
async function endAll() {
  for (const work of [...cleanUp].reverse()) await work().catch((error) => console.error(error));
}
for (const signal of ['SIGINT', 'SIGTERM'])
  process.once(signal, () => {
    report.say('interrupted; cleans up …');
    void endAll().then(() => process.exit(1));
  });

for (const name of names) {
  report.say(`${name} …`);
  const { bench } = await benches[name]();
  try {
    await bench({
      args: options,
      add: (figure) => report.add(name, figure),
      say: (text) => report.say(`  ${text}`),
      onEnd,
    });
  } finally {
    await endAll();
  }
}
if (process.argv.includes('--json'))
  console.log(JSON.stringify({ machine: machine(), figures: report.figures }, null, 2));
else console.log(table(report.figures));
