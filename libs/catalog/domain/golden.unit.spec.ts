import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { fold, type StoredEvent } from '@waybill/event-store';
import type { EventId } from '@waybill/kernel';
import { exportDecider } from './exportDecider.js';
import { importDecider } from './importDecider.js';
import { collectionDecider } from './collection.js';
import { publisherDecider } from './publisherDecider.js';
import { collectionSerde, exportSerde, importSerde, publisherSerde, templateSerde, trustSerde } from './serde.js';
import { templateDecider } from './templateDecider.js';
import { trustDecider } from './trustDecider.js';
import {
  aDigest,
  anImport,
  confirmation,
  content,
  exportedFile,
  exportRequest,
  facts,
  failure,
  file,
  origin,
  request,
  result,
  shop,
  splitSource,
  stored,
} from './testing/samples.js';

const folder = new URL('./golden/', import.meta.url);
const names = readdirSync(folder).sort();

/** As it stands in a log since the day that form of the event was first shipped. */
function golden(name: string): StoredEvent {
  const { type, data } = JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as Pick<StoredEvent, 'type' | 'data'>;
  return { id: anImport as unknown as EventId, type, data, metadata: {}, stream: 'golden', revision: 0n, position: 0n };
}

const template = (...types: readonly string[]) =>
  fold(
    templateDecider,
    types.map((type) => templateSerde.decode(golden(`${type}.json`))),
  );
const process = (...types: readonly string[]) =>
  fold(
    importDecider,
    types.map((type) => importSerde.decode(golden(`${type}.json`))),
  );

const serdes = [templateSerde, importSerde, exportSerde, trustSerde, collectionSerde, publisherSerde];
const newest = new Set(serdes.flatMap(({ types }) => types));

describe('the events on record', () => {
  it('are those that are written now, and all earlier forms of them', () => {
    expect(names).toStrictEqual(expect.arrayContaining([...newest].map((type) => `${type}.json`)));
  });

  it.each(names)('reads %s and writes it in its newest form', (name) => {
    const stored = golden(name);
    // Imports and exports are taken over alike.
    const forms = serdes.flatMap((serde) =>
      serde.knows(stored.type) ? [serde.encode(serde.decode(stored) as never)] : [],
    );
    expect(forms.length).toBeGreaterThan(0);
    for (const again of forms)
      if (newest.has(stored.type)) expect(again).toStrictEqual({ type: stored.type, data: stored.data });
      else expect(newest).toContain(again.type);
    // What came with a later age in an optional member has a golden file of its own.
    expect(name.replace(/-[a-z]+\.json$/, '.json')).toBe(`${stored.type}.json`);
  });

  it('fold into templates', () => {
    expect(template('template-registered.v1')).toStrictEqual({
      kind: 'registered',
      key: shop,
      name: 'Shop',
      versions: [],
      withdrawn: new Map(),
      sboms: new Set(),
    });
    const one = (isOwn: boolean) => ({
      kind: 'registered',
      key: shop,
      name: 'Shop',
      versions: [{ version: '1.0', manifest: content('1.0').manifest, isOwn, isAuthored: isOwn, isReleased: false }],
      withdrawn: new Map(),
      sboms: new Set(),
    });
    expect(template('template-registered.v1', 'version-published.v1')).toStrictEqual(one(true));
    expect(template('template-registered.v1', 'version-published.v2')).toStrictEqual(one(true));
    expect(template('template-registered.v1', 'version-published.v3')).toStrictEqual(one(true));
    expect(template('template-registered.v1', 'version-imported.v1')).toStrictEqual(one(false));
    expect(template('template-registered.v1', 'version-imported.v2')).toStrictEqual(one(false));
    expect(templateSerde.decode(golden('version-imported.v1.json')).data).toStrictEqual({
      ...content('1.0'),
      normalised: '1.0.0',
      ...origin,
      sourceVersion: 'final',
    });
  });

  it('say what the source is where it is a Compose file, in publications and imports alike', () => {
    for (const name of ['version-published.v2-compose', 'version-imported.v1-compose'])
      expect(templateSerde.decode(golden(`${name}.json`)).data).toMatchObject({
        ...content('1.0'),
        sourceFormat: 'compose',
      });
    expect(templateSerde.decode(golden('version-published.v3-instance.json')).data).toMatchObject({
      sourceFormat: 'amended',
      instance: { name: 'shop-dev' },
    });
    const begun = ['import-requested.v1', 'package-received.v1', 'package-inspected.v1-compose'];
    const asCompose = { ...facts, format: 'waybill', sourceFormat: 'compose' };
    expect(process(...begun)).toStrictEqual({ kind: 'inspected', request, file, facts: asCompose });
  });

  it('fold into a template that is a publisher’s', () => {
    expect(template('template-registered.v1', 'publisher-bound.v1', 'version-imported.v1')).toMatchObject({
      publisher: { publisher: aDigest('publisher'), name: 'Acme' },
      versions: [{ version: '1.0' }],
    });
  });

  it('fold into a template with a bill of materials', () => {
    const named = ['manifest 1.0', 'config', 'sbom'].map(aDigest).join(' ');
    expect(template('template-registered.v1', 'version-published.v2', 'sbom-attached.v1')).toMatchObject({
      sboms: new Set([named]),
    });
  });

  it('fold into a template of which a version was released, and withdrawn', () => {
    const types = ['template-registered.v1', 'version-published.v2', 'version-released.v1', 'version-withdrawn.v1'];
    expect(template(...types)).toMatchObject({
      versions: [{ version: '1.0', isReleased: true }],
      withdrawn: new Map([[aDigest('manifest 1.0'), { version: '1.0', reason: 'It loses orders.' }]]),
    });
  });

  it('fold into whom the site trusts', () => {
    const types = ['trust-root-added', 'publisher-roots-advanced', 'key-revoked'];
    const accepted = ['unsigned-package-accepted', 'publisher-accepted'];
    const events = [...types, ...accepted].map((type) => trustSerde.decode(golden(`${type}.v1.json`)));
    const publisher = aDigest('publisher');
    expect(fold(trustDecider, events)).toStrictEqual({
      publishers: new Map([[publisher, { publisher, name: 'Acme', root: 2, roots: aDigest('roots 2') }]]),
      revoked: new Map([[`SHA256:${'A'.repeat(43)}`, 'a telephone call']]),
      accepted: new Set([anImport]),
    });
  });

  it('fold into the newest roots of those who sign here', () => {
    const events = ['publisher-key-rotated.v1', 'publisher-key-revoked.v1'].map((type) =>
      publisherSerde.decode(golden(`${type}.json`)),
    );
    const publisher = aDigest('publisher');
    expect(fold(publisherDecider, events)).toStrictEqual(
      new Map([[publisher, { publisher, root: 3, roots: aDigest('roots 3') }]]),
    );
  });

  it('fold into what was collected', () => {
    const events = (...types: readonly string[]) =>
      fold(
        collectionDecider,
        types.map((type) => collectionSerde.decode(golden(`${type}.json`))),
      );
    const collection = '00000000-0000-4000-8000-000000000002';
    expect(events('collection-begun.v1')).toMatchObject({ open: { collection, layers: 3 } });
    const ended = { collection, list: aDigest('what went'), layers: 2, blobs: 1, exports: 1, bytes: 10240 };
    expect(events('collection-begun.v1', 'content-collected.v1')).toStrictEqual({
      ended: new Map([[collection, ended]]),
    });
  });

  it('fold into imports', () => {
    const begun = ['import-requested.v1', 'package-received.v1'];
    expect(process(...begun)).toStrictEqual({ kind: 'reading', request, file });
    expect(process(...begun, 'package-inspected.v1')).toStrictEqual({ kind: 'inspected', request, file, facts });
    const storing = [...begun, 'package-inspected.v1', 'taken-over.v1', 'import-confirmed.v1'];
    expect(process(...storing)).toStrictEqual({ kind: 'storing', request, file, facts, confirmation });
    expect(process(...storing, 'images-stored.v1', 'import-completed.v1')).toStrictEqual({
      kind: 'completed',
      request,
      file,
      facts,
      confirmation,
      stored,
      result,
    });
    expect(process(...begun, 'package-refused.v1')).toStrictEqual({ kind: 'refused', request, file, failure });
    expect(process(...begun, 'import-failed.v1')).toStrictEqual({ kind: 'failed', request, file, failure });
    expect(process(...begun, 'import-discarded.v1')).toStrictEqual({ kind: 'discarded', request, file });
  });

  it('fold into an import of a split package, which waits for its parts', () => {
    const asked = { ...request, source: splitSource };
    const decoded = (type: string) => importSerde.decode(golden(`${type}.json`));
    const begun = [{ type: 'import-requested', data: asked } as const, decoded('part-received.v1')];
    const received = fold(importDecider, begun);
    const part = aDigest('part 1');
    const source = { kind: 'upload', file: '00000000-0000-4000-8000-000000000002', name: 'shop-1.0.waybill.part-001' };
    expect(received).toStrictEqual({ kind: 'reading', request: asked, parts: new Map([[part, source]]) });
    expect(fold(importDecider, [...begun, decoded('parts-lost.v1')])).toStrictEqual({
      kind: 'collecting',
      request: asked,
      parts: new Map(),
      lost: new Map([[part, 'gone']]),
    });
  });

  it('fold into exports', () => {
    const exported = (...types: readonly string[]) =>
      fold(
        exportDecider,
        types.map((type) => exportSerde.decode(golden(`${type}.json`))),
      );
    const begun = ['export-requested.v1', 'taken-over.v1'];
    const completed = [...begun, 'package-written.v1', 'export-completed.v1'];
    const known = { request: exportRequest, file: exportedFile };
    expect(exported(...begun)).toStrictEqual({ kind: 'writing', request: exportRequest });
    expect(exported(...completed)).toStrictEqual({ kind: 'completed', ...known });
    expect(exported(...completed, 'export-removed.v1')).toStrictEqual({ kind: 'removed', ...known });
    expect(exported(...begun, 'export-failed.v1')).toStrictEqual({ kind: 'failed', request: exportRequest, failure });
    expect(exported(...begun, 'export-removed.v1')).toStrictEqual({ kind: 'removed', request: exportRequest });
  });
});
