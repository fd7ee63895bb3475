import { describe, expect, test } from 'vitest';
import type { PackagedImage } from '../package.js';
import { imageFinder } from './findImage.js';
import { madeUpImage } from '../testing/ramFixture.js';

const findImage = (wanted: string, images: readonly PackagedImage[]) => imageFinder(images)(wanted);

describe('imageFinder', () => {
  test.each([
    ['hub.example/ns/a:1', 'hub.example/ns/a:1', 'exact'],
    ['mysql', 'mysql:latest', 'equivalent'],
    ['docker.io/a/x:1', 'a/x:1', 'equivalent'],
    ['docker.io/library/mysql:5', 'mysql:5', 'equivalent'],
    ['index.docker.io/a/x', 'a/x:latest', 'equivalent'],
    ['mysql:5@sha256:00', 'mysql:5', 'equivalent'],
    ['localhost:5000/x', 'localhost:5000/x:latest', 'equivalent'],
    ['goodrain.me/ns/key:2026', 'key:2026', 'short-name'],
    ['goodrain.me/key:2026', 'key:2026', 'short-name'],
    ['hub.example/ns/team/key:1', 'team/key:1', 'short-name'],
    ['hub.example/ns/team/key:1', 'key:1', 'short-name'],
    ['hub.example/ns/key:1', 'goodrain.me/key:1', 'short-name'],
  ])('finds %s as %s (%s)', (wanted, reference, rule) => {
    const image = madeUpImage('wanted', 'first/other:1', reference);
    expect(findImage(wanted, [madeUpImage('other', 'other:1'), image])).toEqual({ image, rule, reference });
  });

  test.each([
    ['mysql:5', 'mysql:6'],
    ['hub.example/a/x:1', 'other.example/a/x:1'],
    ['hub.example/a/x:1', 'b/x:1'],
    ['mysql@sha256:00', 'mysql:latest'],
    ['', 'mysql:latest'],
    [':1', 'a:1'],
    ['Mysql:5', 'mysql:5'],
  ])('does not take %j for %s', (wanted, reference) => {
    expect(findImage(wanted, [madeUpImage('one', reference)])).toBeUndefined();
  });

  test('a reference in its own words goes before a likeness', () => {
    const exact = madeUpImage('one', 'goodrain.me/ns/key:1');
    expect(findImage('goodrain.me/ns/key:1', [madeUpImage('two', 'key:1'), exact])?.image).toEqual(exact);
  });

  test('two images that could be meant mean none, two entries of one image mean that one', () => {
    const spelled = [madeUpImage('one', 'mysql:latest'), madeUpImage('two', 'docker.io/library/mysql:latest')];
    expect(findImage('mysql', spelled)).toBeUndefined();
    expect(findImage('goodrain.me/ns/mysql:latest', spelled)).toBeUndefined();
    const same = [madeUpImage('one', 'mysql:latest'), madeUpImage('one', 'docker.io/library/mysql:latest')];
    expect(findImage('mysql', same)?.image.config).toBe(same[0]?.config);
  });
});
