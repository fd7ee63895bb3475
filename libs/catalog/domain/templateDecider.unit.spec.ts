import { describe, it } from 'vitest';
import { deciderSpecification } from '@waybill/event-store/testing';
import type { Digest } from '@waybill/kernel';
import { templateDecider } from './templateDecider.js';
import type { TemplateEvent } from './templateEvents.js';
import { aDigest, anImport, content, origin, shop, stored } from './testing/samples.js';

const specification = deciderSpecification(templateDecider);
const given = (events: readonly TemplateEvent[]) => specification.given(events);
const registered: TemplateEvent = { type: 'template-registered', data: { template: shop, name: 'Shop' } };
const published = (version: string, normalised: string): TemplateEvent => ({
  type: 'version-published',
  data: { ...content(version), normalised, stored },
});
const one = [registered, published('1.0', '1.0.0')];
/** Who publishes here. */
const own = { publisher: aDigest('own'), name: 'Here' };

describe('publishing a version', () => {
  it('registers the template with its first version', () => {
    given([])
      .when({ type: 'publish-version', stored, content: content('1.0') })
      .then([registered, published('1.0', '1.0.0')]);
  });

  it('adds a further version with its notes', () => {
    given(one)
      .when({ type: 'publish-version', stored, content: content('1.10'), notes: 'Faster.' })
      .then([
        { type: 'version-published', data: { ...content('1.10'), normalised: '1.10.0', stored, notes: 'Faster.' } },
      ]);
  });

  it('does nothing when the version is there with the same manifest', () => {
    given(one)
      .when({ type: 'publish-version', stored, content: { ...content('1.0'), source: aDigest('written otherwise') } })
      .thenNothing();
  });

  it('refuses other content under a number that exists, and names both digests', () => {
    given(one)
      .when({ type: 'publish-version', stored, content: content('1.0', aDigest('other')) })
      .thenThrows('version-content-differs', {
        template: shop,
        version: '1.0',
        present: aDigest('manifest 1.0'),
        offered: aDigest('other'),
      });
  });

  it('refuses a number that exists in another spelling, even with the same content', () => {
    given(one)
      .when({ type: 'publish-version', stored, content: content('v1.0.0', aDigest('manifest 1.0')) })
      .thenThrows('version-spelling-clash', { template: shop, version: 'v1.0.0', present: '1.0' });
  });

  it('takes build metadata for no other number', () => {
    given(one)
      .when({ type: 'publish-version', stored, content: content('1.0+build.7') })
      .thenThrows('version-spelling-clash');
  });

  it('refuses what is no version number', () => {
    given([])
      .when({ type: 'publish-version', stored, content: content('latest') })
      .thenThrows('invalid-version');
  });

  it('takes a version below the present ones: a fix for an old line', () => {
    given([...one, published('2.0', '2.0.0')])
      .when({ type: 'publish-version', stored, content: content('1.0.1') })
      .then([published('1.0.1', '1.0.1')]);
  });

  it('takes a version that calls the template otherwise, for the key alone is its identity', () => {
    const renamed = { ...content('1.1'), name: 'Store' };
    given(one)
      .when({ type: 'publish-version', stored, content: renamed })
      .then([{ type: 'version-published', data: { ...renamed, normalised: '1.1.0', stored } }]);
  });
});

describe('importing a version', () => {
  it('records the import and the file it came from', () => {
    given([])
      .when({ type: 'import-version', content: content('1.0'), origin, own })
      .then([registered, { type: 'version-imported', data: { ...content('1.0'), normalised: '1.0.0', ...origin } }]);
  });

  it('records the number the package gave beside the one the operator named', () => {
    const named = { ...origin, sourceVersion: 'final' };
    given([])
      .when({ type: 'import-version', content: content('1.0'), origin: named, own })
      .then([registered, { type: 'version-imported', data: { ...content('1.0'), normalised: '1.0.0', ...named } }]);
  });

  it('does nothing for a version that was published here with the same content', () => {
    given(one)
      .when({ type: 'import-version', content: content('1.0'), origin, own })
      .thenNothing();
  });

  it('refuses other content under the same number', () => {
    given(one)
      .when({ type: 'import-version', content: content('1.0', aDigest('other')), origin, own })
      .thenThrows('version-content-differs');
  });
});

describe('importing a signed version', () => {
  const publisher = { publisher: aDigest('acme'), name: 'Acme' };
  const bound: TemplateEvent = { type: 'publisher-bound', data: { template: shop, import: anImport, ...publisher } };
  const unsigned: TemplateEvent = {
    type: 'version-imported',
    data: { ...content('1.0'), normalised: '1.0.0', ...origin },
  };
  const signed = (version: string) =>
    ({ type: 'import-version', content: content(version), origin: { ...origin, publisher }, own }) as const;

  it('binds the template to its publisher, before the version counts', () => {
    given([registered, unsigned])
      .when(signed('2.0'))
      .then([
        bound,
        { type: 'version-imported', data: { ...content('2.0'), normalised: '2.0.0', ...signed('2.0').origin } },
      ]);
  });

  it('binds it also when the version came before, from whom nobody knows', () => {
    given([registered, unsigned]).when(signed('1.0')).then([bound]);
    given([registered, unsigned, bound]).when(signed('1.0')).thenNothing();
  });

  it('binds nothing when the content is another', () => {
    given([registered, unsigned])
      .when({ ...signed('1.0'), content: content('1.0', aDigest('other')) })
      .thenThrows('version-content-differs');
  });

  it('of another publisher than the template’s is refused, be the version new or there', () => {
    const stranger = { ...origin, publisher: { publisher: aDigest('stranger'), name: 'Stranger' } };
    for (const version of ['1.0', '2.0'])
      given([registered, bound, unsigned])
        .when({ ...signed(version), origin: stranger })
        .thenThrows('publisher-conflict', {
          template: shop,
          bound: publisher.publisher,
          boundName: 'Acme',
          offered: aDigest('stranger'),
          offeredName: 'Stranger',
        });
  });
});

describe('a template that is of here', () => {
  const bound = (to: typeof own): TemplateEvent => ({
    type: 'publisher-bound',
    data: { template: shop, import: anImport, ...to },
  });
  const acme = { publisher: aDigest('acme'), name: 'Acme' };
  const packed = (version: string, publisher?: typeof own) =>
    ({
      type: 'import-version',
      content: content(version),
      origin: publisher === undefined ? origin : { ...origin, publisher },
      own,
    }) as const;
  const imported = (version: string, publisher?: typeof own): TemplateEvent => ({
    type: 'version-imported',
    data: { ...content(version), normalised: `${version}.0`, ...packed(version, publisher).origin },
  });
  const amended: TemplateEvent = {
    type: 'version-published',
    data: { ...content('1.5'), normalised: '1.5.0', stored, sourceFormat: 'amended' },
  };

  it('is nobody else’s: a package of another publisher is refused, be its version new or there', () => {
    for (const version of ['1.0', '2.0'])
      given(one).when(packed(version, acme)).thenThrows('publisher-conflict', {
        template: shop,
        bound: own.publisher,
        boundName: 'Here',
        offered: acme.publisher,
        offeredName: 'Acme',
      });
    given([registered, imported('0.9'), published('1.0', '1.0.0')])
      .when(packed('2.0', acme))
      .thenThrows('publisher-conflict');
  });

  it('takes what this server signed, and what nobody did', () => {
    given(one).when(packed('1.0', own)).thenNothing();
    given(one)
      .when(packed('2.0', own))
      .then([imported('2.0', own)]);
    given(one)
      .when(packed('2.0'))
      .then([imported('2.0')]);
  });

  it('was bound to another publisher by what an earlier Waybill wrote: that stays', () => {
    given([...one, bound(acme)])
      .when(packed('2.0', acme))
      .then([imported('2.0', acme)]);
    given([...one, bound(acme)])
      .when(packed('1.0', own))
      .thenThrows('publisher-conflict');
  });

  it('is not one of which only another’s version was given values of an instance', () => {
    given([registered, imported('1.0'), amended])
      .when(packed('2.0', acme))
      .then([bound(acme), imported('2.0', acme)]);
  });

  it('is not made of another’s by importing what this server itself wrote of it', () => {
    given([registered, imported('1.0')])
      .when(packed('1.0', own))
      .thenNothing();
  });

  it('takes what its publisher withdrew at another server of the same key', () => {
    const withdrawn = { version: '2.0', manifest: aDigest('manifest 2.0'), reason: 'Bad.', at: '2026-01-02T03:04:05Z' };
    const { at, ...data } = withdrawn;
    given([...one, imported('2.0', own)])
      .when({ type: 'take-withdrawals', import: anImport, publisher: own.publisher, withdrawn: [withdrawn], own })
      .then([
        {
          type: 'version-withdrawn',
          data: {
            template: shop,
            ...data,
            origin: { kind: 'package', import: anImport, publisher: own.publisher, at },
          },
        },
      ]);
  });
});

describe('releasing and withdrawing a version', () => {
  const named = { template: shop, version: '1.0', manifest: aDigest('manifest 1.0') };
  const released: TemplateEvent = { type: 'version-released', data: named };
  const withdrawn: TemplateEvent = {
    type: 'version-withdrawn',
    data: { ...named, reason: 'It loses orders.', origin: { kind: 'here' } },
  };
  const release = { type: 'release-version', template: shop, version: '1.0' } as const;
  const withdraw = { type: 'withdraw-version', template: shop, version: '1.0', reason: 'It loses orders.' } as const;

  it('is recorded once', () => {
    given(one).when(release).then([released]);
    given([...one, released])
      .when(release)
      .thenNothing();
    given([...one, released])
      .when(withdraw)
      .then([withdrawn]);
    given([...one, withdrawn])
      .when({ ...withdraw, reason: 'Another.' })
      .thenNothing();
  });

  it('is not undone: what was withdrawn is not released', () => {
    given([...one, withdrawn])
      .when(release)
      .thenThrows('version-withdrawn', { template: shop, version: '1.0', reason: 'It loses orders.' });
  });

  it('needs a version that is there', () => {
    given([]).when(release).thenThrows('template-not-found', { template: shop });
    given(one)
      .when({ ...withdraw, version: '2.0' })
      .thenThrows('version-not-found', { template: shop, version: '2.0' });
  });
});

describe('withdrawals in a package', () => {
  const acme = { publisher: aDigest('acme'), name: 'Acme' };
  const bound: TemplateEvent = { type: 'publisher-bound', data: { template: shop, import: anImport, ...acme } };
  const imported = (version: string): TemplateEvent => ({
    type: 'version-imported',
    data: { ...content(version), normalised: `${version}.0`, ...origin },
  });
  const withdrawal = (version: string) => ({
    version,
    manifest: aDigest(`manifest ${version}`),
    reason: 'It loses orders.',
    at: '2026-01-02T03:04:05Z',
  });
  const take = (publisher: Digest, ...versions: readonly string[]) =>
    ({ type: 'take-withdrawals', import: anImport, publisher, withdrawn: versions.map(withdrawal), own }) as const;
  const taken = (version: string): TemplateEvent => {
    const { at, ...data } = withdrawal(version);
    const from = { kind: 'package', import: anImport, publisher: acme.publisher, at } as const;
    return { type: 'version-withdrawn', data: { template: shop, ...data, origin: from } };
  };

  it('hold for versions that are here, and for ones that may come yet, each once', () => {
    const before = [registered, bound, imported('2.0')];
    given(before)
      .when(take(acme.publisher, '1.0', '2.0'))
      .then([taken('1.0'), taken('2.0')]);
    given([...before, taken('1.0')])
      .when(take(acme.publisher, '1.0', '2.0'))
      .then([taken('2.0')]);
  });

  it('of another publisher than the template’s say nothing', () => {
    given([registered, bound, imported('1.0')])
      .when(take(aDigest('stranger'), '1.0'))
      .thenNothing();
    given([registered, imported('1.0')])
      .when(take(acme.publisher, '1.0'))
      .thenNothing();
    given([]).when(take(acme.publisher, '1.0')).thenNothing();
  });

  it('say nothing of what was published here', () => {
    given([registered, bound, published('1.0', '1.0.0')])
      .when(take(acme.publisher, '1.0'))
      .thenNothing();
  });

  it('do not speak of the same number with other content', () => {
    const other: TemplateEvent = {
      type: 'version-imported',
      data: { ...content('1.0', aDigest('other')), normalised: '1.0.0', ...origin },
    };
    const state = [registered, bound, other, taken('1.0')];
    given(state)
      .when({ type: 'release-version', template: shop, version: '1.0' })
      .then([{ type: 'version-released', data: { template: shop, version: '1.0', manifest: aDigest('other') } }]);
  });
});
