import { readFileSync } from 'node:fs';

/**
 * Loaded before a server (`node --import`), it moves the time of day by the milliseconds that a file names, whenever they change, as somebody does
 * who sets the machine's clock. The monotonic clock is not moved, as on a real machine.
 */
const file = process.env.WAYBILL_TEST_CLOCK;
const Genuine = Date;
const now = () => Genuine.now() + Number(readFileSync(file, 'utf8'));

globalThis.Date = new Proxy(Genuine, {
  construct: (target, given, asked) => Reflect.construct(target, given.length === 0 ? [now()] : given, asked),
  apply: () => new Genuine(now()).toString(),
  get: (target, name) => (name === 'now' ? now : Reflect.get(target, name)),
});
