import { describe, expect, it } from 'vitest';
import { fold } from '@waybill/event-store';
import { deciderSpecification } from '@waybill/event-store/testing';
import { importDecider, type ImportCommand } from './importDecider.js';
import type { ImportEvent } from './importEvents.js';
import {
  aDigest,
  anImport,
  confirmation,
  facts,
  failure,
  file,
  request,
  result,
  splitSource,
  stored,
} from './testing/samples.js';

const specification = deciderSpecification(importDecider);
const given = (events: readonly ImportEvent[]) => specification.given(events);
type WithoutId<Command> = Command extends unknown ? Omit<Command, 'import'> : never;
const command = (of: WithoutId<ImportCommand>): ImportCommand => ({ import: anImport, ...of });

const requested: ImportEvent = { type: 'import-requested', data: request };
const received: ImportEvent = { type: 'package-received', data: file };
const inspected: ImportEvent = { type: 'package-inspected', data: facts };
const confirmed: ImportEvent = { type: 'import-confirmed', data: confirmation };
const images: ImportEvent = { type: 'images-stored', data: stored };
const completed: ImportEvent = { type: 'import-completed', data: result };
const refused: ImportEvent = { type: 'package-refused', data: failure };
const failed: ImportEvent = { type: 'import-failed', data: failure };
const discarded: ImportEvent = { type: 'import-discarded', data: {} };
const way: readonly ImportEvent[] = [requested, received, inspected, confirmed, images, completed];
const until = (event: ImportEvent): readonly ImportEvent[] => way.slice(0, way.indexOf(event) + 1);

const steps = [
  command({ type: 'request-import', request }),
  command({ type: 'receive-package', file }),
  command({ type: 'record-inspection', facts }),
  command({ type: 'confirm-import', confirmation }),
  command({ type: 'record-stored', stored }),
  command({ type: 'complete-import', result }),
];

describe('the steps of an import', () => {
  it.each(steps.map((step, index) => [step.type, index] as const))('takes %s in its turn', (_type, index) => {
    given(way.slice(0, index)).when(steps[index]!).then([way[index]!]);
  });

  it.each(steps.map((step, index) => [step.type, index] as const))(
    'does nothing when %s was done before',
    (_type, index) => {
      for (let done = index + 1; done <= way.length; done += 1)
        given(way.slice(0, done)).when(steps[index]!).thenNothing();
    },
  );

  it('lets no step pass before the one ahead of it', () => {
    given(until(requested))
      .when(command({ type: 'record-inspection', facts }))
      .thenThrows('conflict');
    given(until(requested))
      .when(command({ type: 'confirm-import', confirmation }))
      .thenThrows('import-not-confirmable');
    given(until(inspected))
      .when(command({ type: 'record-stored', stored }))
      .thenThrows('conflict');
    given(until(confirmed))
      .when(command({ type: 'complete-import', result }))
      .thenThrows('conflict');
    given(until(inspected))
      .when(command({ type: 'refuse-package', failure }))
      .thenThrows('conflict');
  });

  it.each(steps.slice(1).map((step) => [step.type, step] as const))(
    'refuses %s of an import that nobody requested',
    (_type, step) => {
      given([]).when(step).thenThrows('import-not-found', { import: anImport });
    },
  );
});

describe('a package file that is read again', () => {
  it('must be the same one', () => {
    given(until(inspected))
      .when(command({ type: 'receive-package', file }))
      .thenNothing();
    given(until(inspected))
      .when(command({ type: 'receive-package', file: { digest: aDigest('another file'), size: 4096 } }))
      .thenThrows('package-changed', {
        path: 'shop-1.0-ram.tar.gz',
        expected: file.digest,
        actual: aDigest('another file'),
      });
  });
});

describe('confirming', () => {
  it('is refused under another number once it was confirmed', () => {
    given(until(confirmed))
      .when(command({ type: 'confirm-import', confirmation: { ...confirmation, version: '1.1' } }))
      .thenThrows('import-not-confirmable', { import: anImport, state: 'storing' });
  });

  it.each([
    ['refused', refused],
    ['failed', failed],
    ['discarded', discarded],
  ])('is refused when the import was %s', (state, end) => {
    given([requested, received, end])
      .when(command({ type: 'confirm-import', confirmation }))
      .thenThrows('import-not-confirmable', { import: anImport, state });
  });
});

describe('discarding', () => {
  it.each([
    ['being read', until(received)],
    ['waiting for a person', until(inspected)],
  ])('ends an import that is %s', (_what, events) => {
    given(events)
      .when(command({ type: 'discard-import' }))
      .then([discarded]);
  });

  it('does nothing when it was discarded before', () => {
    given([requested, discarded])
      .when(command({ type: 'discard-import' }))
      .thenNothing();
  });

  it.each([
    ['storing', until(confirmed)],
    ['cataloguing', until(images)],
    ['completed', way],
    ['refused', [requested, refused]],
    ['failed', [requested, failed]],
  ])('is refused when the import is %s', (state, events) => {
    given(events)
      .when(command({ type: 'discard-import' }))
      .thenThrows('import-finished', { import: anImport, state });
  });
});

describe('an import that has ended', () => {
  it.each([
    ['refused', [requested, received, refused]],
    ['failed', [requested, received, inspected, failed]],
    ['discarded', [requested, received, inspected, discarded]],
  ])('takes no further step when it was %s', (state, events) => {
    given(events)
      .when(command({ type: 'record-stored', stored }))
      .thenThrows('import-finished', { import: anImport, state });
    given(events)
      .when(command({ type: 'take-over', runner: 'b' }))
      .thenThrows('import-finished');
  });

  it('keeps its end whatever follows', () => {
    for (const end of [refused, failed, discarded])
      expect(fold(importDecider, [requested, end, ...way.slice(1)])).toStrictEqual(
        fold(importDecider, [requested, end]),
      );
  });

  it('may be refused or failed once only', () => {
    given([requested, refused])
      .when(command({ type: 'refuse-package', failure }))
      .thenNothing();
    given([requested, failed])
      .when(command({ type: 'fail-import', failure }))
      .thenNothing();
    given(way)
      .when(command({ type: 'fail-import', failure }))
      .thenThrows('import-finished');
  });
});

describe('failing and taking over', () => {
  it.each([...way.slice(0, 5).entries()])('is possible after step %i', (index) => {
    const events = way.slice(0, index + 1);
    given(events)
      .when(command({ type: 'fail-import', failure }))
      .then([failed]);
    given(events)
      .when(command({ type: 'take-over', runner: 'b' }))
      .then([{ type: 'taken-over', data: { runner: 'b' } }]);
    expect(fold(importDecider, [...events, { type: 'taken-over', data: { runner: 'b' } }])).toStrictEqual(
      fold(importDecider, events),
    );
  });

  it('folds the whole way to its result', () => {
    expect(fold(importDecider, way)).toStrictEqual({
      kind: 'completed',
      request,
      file,
      facts,
      confirmation,
      stored,
      result,
    });
  });
});

describe('a split package', () => {
  const split = { ...request, source: { ...splitSource, count: 3, distinct: 2 } };
  const asked: ImportEvent = { type: 'import-requested', data: split };
  const [one, two] = [aDigest('one'), aDigest('two')];
  const at = (name: string) => ({ kind: 'upload', file: name, name }) as const;
  const came = (part: typeof one, name: string): ImportEvent => ({
    type: 'part-received',
    data: { part, source: at(name) },
  });
  const gone: ImportEvent = { type: 'parts-lost', data: { parts: [one], reason: 'gone' } };
  const receive = (part: typeof one, name: string, isGone = false) =>
    command({ type: 'receive-part', part, source: at(name), isGone });

  it('waits for every part that differs from the others, in any order', () => {
    given([asked])
      .when(receive(two, 'b'))
      .then([came(two, 'b')]);
    expect(fold(importDecider, [asked, came(two, 'b')])).toMatchObject({ kind: 'collecting' });
    expect(fold(importDecider, [asked, came(two, 'b'), came(one, 'a')])).toMatchObject({ kind: 'reading' });
  });

  it('has some at once when they are known with the request', () => {
    given([])
      .when(command({ type: 'request-import', request: split, parts: [{ part: one, source: at('a') }] }))
      .then([asked, came(one, 'a')]);
  });

  it('takes no part twice, unless its file is gone', () => {
    given([asked, came(one, 'a')])
      .when(receive(one, 'c'))
      .thenNothing();
    given([asked, came(one, 'a')])
      .when(receive(one, 'c', true))
      .then([gone, came(one, 'c')]);
    given([asked, came(one, 'a'), came(two, 'b')])
      .when(receive(one, 'c', true))
      .thenNothing();
  });

  it('goes back to waiting when parts turn out to be lost while it is read', () => {
    const whole = [asked, came(one, 'a'), came(two, 'b')];
    given(whole)
      .when(command({ type: 'lose-parts', parts: [one], reason: 'gone' }))
      .then([gone]);
    given([...whole, gone])
      .when(command({ type: 'lose-parts', parts: [one], reason: 'gone' }))
      .thenNothing();
    given([...whole, gone])
      .when(receive(one, 'c'))
      .then([came(one, 'c')]);
    expect(fold(importDecider, [...whole, gone, came(one, 'c')])).toMatchObject({ kind: 'reading' });
  });

  it('is given up like any other, and an import of one piece takes no parts', () => {
    given([asked])
      .when(command({ type: 'discard-import' }))
      .then([discarded]);
    given([asked, discarded]).when(receive(one, 'a')).thenThrows('import-not-collecting');
    given([requested]).when(receive(one, 'a')).thenThrows('import-not-collecting');
    given([]).when(receive(one, 'a')).thenThrows('import-not-found');
  });
});
