import { describe, expect, it } from 'vitest';
import { matchComponents } from './matchComponents.js';

const component = (key: string, ...aliases: readonly string[]) => ({ key, aliases });

describe('matchComponents', () => {
  it('matches by key, then by share uuid, then by its tail, and lists the rest', () => {
    const a = component('a', 'a+1');
    const b = component('b', 'x+2');
    const c = component('c', 'c+3');
    const gone = component('gone', 'gone+4');
    const a2 = component('a', 'other+9');
    const b2 = component('renamed', 'x+2');
    const c2 = component('recreated', 'new+3');
    const added = component('added', 'added+5');
    expect(matchComponents([gone, c, b, a], [a2, b2, c2, added])).toEqual({
      pairs: [
        { installed: a, target: a2, rule: 'service-key' },
        { installed: b, target: b2, rule: 'share-uuid' },
        { installed: c, target: c2, rule: 'share-uuid-tail' },
      ],
      installedOnly: [gone],
      targetOnly: [added],
    });
  });

  it('never gives the true counterpart of one component to another that is merely alike', () => {
    const installed = component('a', 'a+1');
    const alike = component('copy', 'copy+1');
    const true_ = component('a', 'a+1');
    expect(matchComponents([installed], [alike, true_])).toEqual({
      pairs: [{ installed, target: true_, rule: 'service-key' }],
      installedOnly: [],
      targetOnly: [alike],
    });
  });

  it('leaves apart what a weaker rule cannot tell apart', () => {
    const installed = component('a', 'a+1');
    const one = component('b', 'b+1');
    const other = component('c', 'c+1');
    expect(matchComponents([installed], [one, other])).toEqual({
      pairs: [],
      installedOnly: [installed],
      targetOnly: [one, other],
    });
    expect(matchComponents([one, other], [installed]).pairs).toEqual([]);
  });

  it('finds no likeness in components without aliases or with uuids of another form', () => {
    const installed = [component('a'), component('b', 'plain'), component('c', 'x+y+z'), component('d', 'd+')];
    const target = [component('e'), component('f', 'z'), component('g', 'q+z'), component('h', 'h+')];
    expect(matchComponents(installed, target)).toEqual({ pairs: [], installedOnly: installed, targetOnly: target });
  });
});
