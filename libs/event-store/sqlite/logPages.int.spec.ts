import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkedAppend } from '../checkedAppend.js';
import type { EventToAppend } from '../event.js';
import { newEvent, newEvents } from '../testing/contract/storeUnderTest.js';
import { appendEvents, headOf } from './appendEvents.js';
import { SCHEMA } from './logFile.js';
import { logPage, streamPage, type Page } from './logPages.js';
import { openSqlDatabase, type SqlDatabase } from './sqlDatabase.js';

describe('a page of the log', () => {
  let db: SqlDatabase;
  beforeEach(() => {
    db = openSqlDatabase(':memory:');
    db.exec(SCHEMA);
  });
  afterEach(() => db.close());

  const write = (stream: string, events: readonly EventToAppend[]) =>
    appendEvents(db, { stream, expected: 'any', events: checkedAppend(stream, events) }, headOf(db));
  const outline = ({ events, upTo }: Page) => ({
    first: events[0]?.position,
    last: events.at(-1)?.position,
    count: events.length,
    upTo,
  });

  it('holds few events', () => {
    write('s', newEvents(600));
    expect(outline(logPage(db, 'log', -1, 599, undefined))).toStrictEqual({
      first: 0n,
      last: 511n,
      count: 512,
      upTo: 511,
    });
    expect(outline(streamPage(db, 'log', 's', 511, 599))).toStrictEqual({
      first: 512n,
      last: 599n,
      count: 88,
      upTo: 599,
    });
  });

  it('holds little, but one event at least', () => {
    for (let i = 0; i < 10; i++) write('s', [newEvent(new Uint8Array(900_000))]);
    expect(outline(logPage(db, 'log', -1, 9, undefined))).toStrictEqual({ first: 0n, last: 1n, count: 2, upTo: 1 });
    expect(outline(logPage(db, 'log', 7, 9, undefined))).toStrictEqual({ first: 8n, last: 9n, count: 2, upTo: 9 });
  });

  it('looks at a stretch of the log only, and says how far it has looked', () => {
    for (let i = 0; i < 11; i++) write('noise', newEvents(1000));
    write('rare', newEvents(1));
    const filter = { prefixes: ['rare'] };
    const found = { first: 11_000n, last: 11_000n, count: 1, upTo: 11_000 };
    const nothing = { first: undefined, last: undefined, count: 0 };
    expect(outline(logPage(db, 'log', -1, 11_000, filter))).toStrictEqual({ ...nothing, upTo: 9999 });
    expect(outline(logPage(db, 'log', 9999, 11_000, filter))).toStrictEqual(found);
    expect(outline(logPage(db, 'log', -1, 11_000, { prefixes: [] }))).toStrictEqual({ ...nothing, upTo: 11_000 });
  });
});
