// Measures on the compiled code: `npm run bench -- copy|rebuild [--events N] [--to esdb://…]`. Prints one line per measurement.
const benches = { copy: () => import('./copy.mjs'), rebuild: () => import('./rebuild.mjs') };

const [name = '', ...args] = process.argv.slice(2);
if (!Object.hasOwn(benches, name)) {
  console.error(`npm run bench -- ${Object.keys(benches).join('|')}`);
  process.exit(2);
}
const { bench } = await benches[name]();
await bench(args);
