/** `npm run verify:deep` runs whole what `npm test` runs a sample of. */
export const deep = process.env['WAYBILL_TEST_DEEP'] === '1';

/** A seed for what a test draws by lot: printed, and taken from `WAYBILL_TEST_SEED` to run the same again. */
export function printedSeed(what: string): number {
  const seed = Number(process.env['WAYBILL_TEST_SEED'] ?? Date.now() % 2 ** 31);
  process.stdout.write(`${what}: WAYBILL_TEST_SEED=${seed}\n`);
  return seed;
}
