import { basename } from 'node:path';
import { lookIntoWaybill, openPackage, verifyLayers } from '@waybill/packaging';
import { timed } from './timed.mjs';

// What `waybill inspect --verify` does after its look, in a process that has just begun; tells the seconds it took.
const file = { path: process.argv[2], name: basename(process.argv[2]) };
const bytes = await openPackage(file);
const { packed } = await lookIntoWaybill(bytes);
await bytes.close();
const { seconds } = await timed(() => verifyLayers(file, [...packed.values()]));
console.log(JSON.stringify({ seconds }));
