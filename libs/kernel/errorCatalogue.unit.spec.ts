import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { catalogue, type ErrorEntry } from './errorCatalogue.js';

const entries = Object.entries<ErrorEntry>(catalogue);
const page = readFileSync(new URL('../../docs/errors.md', import.meta.url), 'utf8');

/** Code and the lines below its heading. */
const sections = new Map(
  page
    .split(/^(?=### )/m)
    .slice(1)
    .map((section) => {
      const [heading = '', ...lines] = section.split(/^## /m)[0]!.split('\n');
      return [/^### `(.+)`$/.exec(heading)?.[1] ?? heading, lines.join('\n').trim()] as const;
    }),
);

describe('the catalogue of errors', () => {
  it('has codes of words joined by dashes', () => {
    expect(entries.map(([code]) => code).filter((code) => !/^[a-z]+(-[a-z0-9]+)*$/.test(code))).toStrictEqual([]);
  });

  it('has whole sentences, whose places are words', () => {
    const wrong = entries.filter(
      ([, { title, message }]) =>
        /[{}]|[.:!?]$/.test(title) || /[{}]/.test(message.replaceAll(/\{[a-zA-Z]+\}/g, '')) || !/[.}]$/.test(message),
    );
    expect(wrong).toStrictEqual([]);
  });

  it('has an exit code that agrees with the status', () => {
    const allowed: Readonly<Record<number, readonly number[]>> = {
      2: [400, 405, 406, 409, 413, 414, 415, 416, 428, 431, 500],
      4: [404, 410],
      6: [401, 403],
      7: [408, 429, 503, 507],
    };
    expect(entries.filter(([, { status, exit }]) => allowed[exit]?.includes(status) === false)).toStrictEqual([]);
  });
});

describe('docs/errors.md', () => {
  it('has a section for every code, in the order of the catalogue, and no other', () => {
    expect([...sections.keys()]).toStrictEqual(entries.map(([code]) => code));
  });

  it('begins each section with status, exit code and title', () => {
    const first = entries.map(([code]) => sections.get(code)?.split('\n')[0]);
    expect(first).toStrictEqual(
      entries.map(([, { status, exit, title }]) => `HTTP ${status} · exit ${exit} · ${title}`),
    );
  });

  it('says more about each code than that', () => {
    const short = [...sections].filter(([, text]) => text.split('\n').slice(1).join(' ').trim().length < 40);
    expect(short.map(([code]) => code)).toStrictEqual([]);
  });
});
