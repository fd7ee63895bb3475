import { describe, expect, it } from 'vitest';
import { attributeValues, specification } from '../testing/composeSpecification.js';
import { imageCalled } from '../testing/buildImage.js';
import { fileAttributes, serviceAttributes } from './attributes.js';
import { normaliseCompose } from './normaliseCompose.js';
import { thrownBy } from './testing.js';

const images = [imageCalled('app:1')];

describe('every attribute of the Compose Specification', () => {
  it('of a service has its fate, and no other has one', () => {
    expect(Object.keys(serviceAttributes).sort()).toEqual([...specification.service].sort());
  });

  it('of the file has its fate, and no other has one', () => {
    expect(Object.keys(fileAttributes).sort()).toEqual([...specification.file].sort());
  });

  it.each(specification.service)('%s is applied, listed or refused, never dropped', (name) => {
    const service = { image: 'app:1', ...attributeValues[name] };
    const source = (body: object) => ({
      schema: 1 as const,
      compose: JSON.stringify({
        name: 'shop',
        services: { app: body, other: { image: 'app:1' } },
        volumes: { data: null },
        configs: { conf: { content: 'a' } },
        secrets: { key: { file: 'key.txt' } },
      }),
      files: { 'key.txt': 'k', 'app.env': 'FROM_FILE=1' },
      version: '1.0',
    });
    const bare = normaliseCompose(source({ image: 'app:1' }), images);
    const fate = serviceAttributes[name];
    const made = () => normaliseCompose(source(service), images);
    if (typeof fate === 'object') {
      expect(thrownBy(made)).toMatchObject({ code: 'compose-refused', points: [{ pointer: `/services/app/${name}` }] });
      return;
    }
    const { manifest, notices } = made();
    if (fate === 'listed') {
      expect(manifest.carried).toMatchObject([{ kind: 'compose-attribute', name, component: 'app' }]);
      expect(notices.map(({ code }) => code)).toContain('part-carried');
    } else if (name !== 'image')
      expect({ manifest, notices }).not.toEqual({ manifest: bare.manifest, notices: bare.notices });
  });

  it('an attribute that is in no specification is refused', () => {
    const compose = JSON.stringify({ name: 'shop', services: { app: { image: 'app:1', imagee: 'b' } } });
    expect(thrownBy(() => normaliseCompose({ schema: 1, compose, files: {}, version: '1' }, images))).toMatchObject({
      code: 'compose-refused',
      points: [{ pointer: '/services/app/imagee', message: 'the Compose Specification has no such attribute' }],
    });
  });
});
