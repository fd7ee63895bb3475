import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fold } from '@waybill/event-store';
import { compareVersions, isWaybillError } from '@waybill/kernel';
import { versionsIn } from './template.js';
import { templateDecider, type TemplateCommand } from './templateDecider.js';
import type { TemplateEvent } from './templateEvents.js';
import { aDigest, content, origin, stored } from './testing/samples.js';

const spelling = fc
  .tuple(
    fc.constantFrom('', 'v'),
    fc.array(fc.nat(2), { minLength: 1, maxLength: 4 }),
    fc.constantFrom('', '-rc1', '+b'),
  )
  .map(([prefix, numbers, suffix]) => `${prefix}${numbers.join('.')}${suffix}`);

const offer = fc
  .record({ version: spelling, body: fc.nat(2), imported: fc.boolean() })
  .map(({ version, body, imported }): TemplateCommand => {
    const offered = content(version, aDigest(`body ${body}`));
    return imported
      ? { type: 'import-version', content: offered, origin, own: { publisher: aDigest('own'), name: 'Here' } }
      : { type: 'publish-version', stored, content: offered };
  });

interface Outcome {
  readonly events: readonly TemplateEvent[];
  readonly refused?: string;
}

function decideAll(offers: readonly TemplateCommand[]) {
  const log: TemplateEvent[] = [];
  const outcomes = offers.map((command): Outcome => {
    try {
      const events = templateDecider.decide(command, fold(templateDecider, log));
      log.push(...events);
      return { events };
    } catch (error) {
      if (!isWaybillError(error)) throw error;
      return { events: [], refused: error.code };
    }
  });
  return { log, outcomes, versions: versionsIn(fold(templateDecider, log)) };
}

describe('the identity of versions, whatever is offered in whatever order', () => {
  it('never holds one number twice, in any spelling', () => {
    fc.assert(
      fc.property(fc.array(offer, { maxLength: 30 }), (offers) => {
        const { versions } = decideAll(offers);
        const twins = versions.filter((a, i) =>
          versions.some((b, j) => j > i && compareVersions(a.version, b.version) === 0),
        );
        expect(twins).toStrictEqual([]);
      }),
    );
  });

  it('never changes the manifest of a version once it was added', () => {
    fc.assert(
      fc.property(fc.array(offer, { maxLength: 30 }), (offers) => {
        const half = decideAll(offers.slice(0, offers.length / 2)).versions;
        expect(decideAll(offers).versions.slice(0, half.length)).toStrictEqual(half);
      }),
    );
  });

  it('answers a repeated offer with nothing, or with the same refusal', () => {
    fc.assert(
      fc.property(fc.array(offer, { maxLength: 30 }), offer, (before, last) => {
        const [first, second] = decideAll([...before, last, last]).outcomes.slice(-2);
        expect(second).toStrictEqual({ ...first, events: [] });
      }),
    );
  });

  it('registers the template exactly once, before its first version', () => {
    fc.assert(
      fc.property(fc.array(offer, { minLength: 1, maxLength: 30 }), (offers) => {
        const types = decideAll(offers).log.map(({ type }) => type);
        expect(types.lastIndexOf('template-registered')).toBe(0);
      }),
    );
  });
});
