import { describe, it } from 'vitest';
import { deciderSpecification } from '@waybill/event-store/testing';
import { templateDecider } from './templateDecider.js';
import type { TemplateEvent } from './templateEvents.js';
import { aDigest, content, origin, shop, stored } from './testing/samples.js';

const specification = deciderSpecification(templateDecider);
const given = (events: readonly TemplateEvent[]) => specification.given(events);
const registered: TemplateEvent = { type: 'template-registered', data: { template: shop, name: 'Shop' } };
const published = (version: string, normalised: string): TemplateEvent => ({
  type: 'version-published',
  data: { ...content(version), normalised, stored },
});
const one = [registered, published('1.0', '1.0.0')];

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
      .when({ type: 'import-version', content: content('1.0'), origin })
      .then([registered, { type: 'version-imported', data: { ...content('1.0'), normalised: '1.0.0', ...origin } }]);
  });

  it('records the number the package gave beside the one the operator named', () => {
    const named = { ...origin, sourceVersion: 'final' };
    given([])
      .when({ type: 'import-version', content: content('1.0'), origin: named })
      .then([registered, { type: 'version-imported', data: { ...content('1.0'), normalised: '1.0.0', ...named } }]);
  });

  it('does nothing for a version that was published here with the same content', () => {
    given(one)
      .when({ type: 'import-version', content: content('1.0'), origin })
      .thenNothing();
  });

  it('refuses other content under the same number', () => {
    given(one)
      .when({ type: 'import-version', content: content('1.0', aDigest('other')), origin })
      .thenThrows('version-content-differs');
  });
});
