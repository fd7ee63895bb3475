import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { defaultLimits } from '../package.js';
import { hostileCases, hostileReader, hugeBombs, outcomeIn, type HostileReader } from '../testing/hostile/index.js';

import { deep } from '../testing/depth.js';
const cases = deep ? [...hostileCases, ...hugeBombs] : hostileCases;
const tally = { refused: 0, kept: 0 };

let reader: HostileReader;
beforeAll(async () => {
  reader = await hostileReader();
});
afterAll(async () => {
  await reader.close();
  const { refused, kept } = tally;
  process.stdout.write(
    `${cases.length} hostile packages: ${refused} refused, ${kept} harmless and kept (with a notice where one is due), 0 stored\n`,
  );
});

describe('a hostile package leaves nothing, and is refused with the code that tells why or kept with a notice', () => {
  it('has a title of its own', () => {
    const titles = cases.map(([title]) => title);
    expect(titles.filter((title, i) => titles.indexOf(title) !== i)).toEqual([]);
  });

  for (const [title, expected, build, narrower] of cases)
    it(
      `${title}: ${expected}`,
      async () => {
        const outcome = await reader.read(await build(), { ...defaultLimits, ...narrower });
        expect(outcomeIn(outcome)).toContain(expected);
        tally[outcome.kind] += 1;
        expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
      },
      deep ? 600_000 : 60_000,
    );
});
