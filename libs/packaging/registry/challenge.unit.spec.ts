import { expect, it } from 'vitest';
import { challengeIn } from './challenge.js';

it.each([
  [null, undefined],
  ['Negotiate', undefined],
  ['Basic realm="x"', { kind: 'basic' }],
  [
    'Bearer realm="https://auth.example/token",service="registry.example",scope="repository:a/b:pull,push"',
    { kind: 'bearer', realm: 'https://auth.example/token', service: 'registry.example' },
  ],
  ['bearer realm=https://auth.example/token', { kind: 'bearer', realm: 'https://auth.example/token' }],
  ['Basic realm="x", Bearer realm="https://auth.example"', { kind: 'bearer', realm: 'https://auth.example' }],
  ['Bearer error="invalid_token"', undefined],
])('%s is read', (header, challenge) => {
  expect(challengeIn(header)).toEqual(challenge);
});
