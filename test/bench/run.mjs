import { machine, openReport, table } from './report.mjs';

// Measures on the compiled code: `npm run bench -- [name…|all] [--json] [options of the bench]`; every bench says what it measures.
const benches = {
  append: () => import('./append.mjs'),
  copy: () => import('./copy.mjs'),
  rebuild: () => import('./rebuild.mjs'),
  replay: () => import('./replay.mjs'),
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
for (const name of names) {
  report.say(`${name} …`);
  const { bench } = await benches[name]();
  const add = (figure) => report.add(name, figure);
  await bench({ args: options, add, say: (text) => report.say(`  ${text}`) });
}
if (process.argv.includes('--json'))
  console.log(JSON.stringify({ machine: machine(), figures: report.figures }, null, 2));
else console.log(table(report.figures));
