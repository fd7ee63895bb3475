// The stand-in as a process of its own: `node serve.mjs [--port P] [--data FOLDER]`. Says on its output where it listens.
import { parseArgs } from 'node:util';
import { startStandIn } from './standIn.mjs';

const { values } = parseArgs({ options: { port: { type: 'string' }, data: { type: 'string' } } });
const standIn = await startStandIn({
  port: Number(values.port ?? 0),
  ...(values.data === undefined ? {} : { folder: values.data }),
});
console.log(JSON.stringify({ ready: { port: standIn.port, connectionString: standIn.connectionString } }));
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => void standIn.stop().then(() => process.exit(0)));
