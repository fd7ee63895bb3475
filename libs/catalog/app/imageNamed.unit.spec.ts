import { expect, it } from 'vitest';
import { component, manifest } from '@waybill/packaging/testing';
import { imageNamed } from './imageNamed.js';

const [web, other] = [component('web').image!, component('other').image!];
const named = {
  manifest: manifest('1.0', [
    component('a', { name: 'Shop front', hostHint: 'my_web', image: web }),
    component('b', { name: 'twin', image: web }),
    component('c', { name: 'twin', image: other }),
  ]),
  images: [web, other].map((image) => ({ ...image, layers: [], bytes: 0 })),
  references: new Map([[web.config, ['docker.io/library/shop-web:1']]]),
};

it.each([
  'a',
  'Shop front',
  'my-web',
  'my_web',
  'shop-web:1',
  'docker.io/library/shop-web:1',
  web.config,
  web.config.slice(7, 19),
])('an image is named by %s', (asked) => {
  expect(imageNamed(asked, named)).toBe(web.config);
});

it.each(['twin', 'shop-web:2', 'web', web.config.slice(7, 12)])(
  'no image, or not one alone, is named by %s',
  (asked) => {
    expect(() => imageNamed(asked, named)).toThrow(
      `Version 1.0 of shop has not exactly one image that "${asked}" names; it has docker.io/library/shop-web:1 (of a, b); ${other.config} (of c).`,
    );
  },
);
