import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { noticeCodes } from './noticeCodes.js';

it('every notice code is explained in docs/formats.md, and no other', () => {
  const text = readFileSync(new URL('../../../docs/formats.md', import.meta.url), 'utf8');
  const section = /### Notices about `ram` metadata\n(?<table>[^#]*)/.exec(text)?.groups?.['table'] ?? '';
  const explained = [...section.matchAll(/^\| `(?<code>[a-z-]+)` +\|/gm)].map((row) => row.groups?.['code']);
  expect(explained).toEqual([...noticeCodes]);
});
