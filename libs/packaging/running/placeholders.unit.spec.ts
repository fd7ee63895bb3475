import { describe, expect, it } from 'vitest';
import { secretsIn, withSecrets } from './placeholders.js';

const part = (secret: string) => ({ secret, version: 1, fingerprint: 'f' });

describe('placeholders of secrets in a text', () => {
  it.each([
    ['none here', []],
    ['**None**', ['own']],
    ['**None:**', ['own']],
    ['mysql://root:**None:db**@db:3306/x?k=**None**', ['group/db', 'own']],
    ['**None:db** and **None:db**', ['group/db', 'group/db']],
    ['**Nothing** *None* ** None **', []],
  ])('of %j are %j', (text, secrets) => {
    expect(secretsIn(text, 'own')).toEqual(secrets);
  });

  it('give way to secrets wherever they stand, and to nothing else', () => {
    expect(withSecrets('plain', 'own', part)).toBe('plain');
    expect(withSecrets('**None**', 'own', part)).toEqual({ parts: [part('own')] });
    expect(withSecrets('a **None:db**-**None** z', 'own', part)).toEqual({
      parts: ['a ', part('group/db'), '-', part('own'), ' z'],
    });
  });
});
