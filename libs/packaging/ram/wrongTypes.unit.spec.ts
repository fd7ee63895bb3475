import { isWaybillError } from '@waybill/kernel';
import { expect, it } from 'vitest';
import { manifestDigest } from '../manifestDigest.js';
import { places, reordered } from '../testing/draft.js';
import { madeUpImage } from '../testing/ramFixture.js';
import { richMetadata, type Draft } from '../testing/richMetadata.js';
import { kindOf } from './json.js';
import { normaliseRam } from './normaliseRam.js';
import { parseRamMetadata } from './parseRamMetadata.js';

const references = ['a1:20260101120000', 'b2:20260101120500', 'c3:1', 'e5:1', 'p1:9'];
const images = references.map((reference) => madeUpImage(reference, `hub.example/ns/${reference}`));

const digestOf = (metadata: Draft) =>
  manifestDigest(normaliseRam(parseRamMetadata(Buffer.from(JSON.stringify(metadata))), images).manifest);

/** One of every kind that JSON has, and those that look like another. */
const others: readonly Draft[] = [true, 7, -1.5, 'text', '7', [], [7], [{}], ['x'], {}, { a: 1 }];

/** What may be of any type: presentation, what only the place of export knew, what is carried whole, what is unknown. */
const UNREAD = [
  ...['annotations', 'describe', 'image_base64_string', 'version', 'deploy_version', 'image', 'service_image'],
  ...['hub_url', 'hub_user', 'hub_password', 'namespace', 'is_trust', 'is_inner_service', 'tenant_id', 'share_policy'],
  ...['mode', 'service_show_name', 'port', 'path', 'interval', 'promql', 'sequence', 'graph_id', 'component_id'],
  ...['save_type', 'attribute_value', 'labels', 'windows', 'endpoints_info', 'service_cname', 'new_in_7', 'ratio'],
  ...['plugin_id', 'service_id', 'plugin_status', 'attr', 'create_time', 'job_strategy', 'plugin_name', 'plugin_image'],
  ...['build_version', 'cookies', 'headers', 'h', 'connection_timeout', 'protocol', 'content', 'future_top_level'],
];

it('refuses a wrong type in every field that is read, with the place, and keeps any type in every other', () => {
  const metadata = richMetadata() as unknown as Draft;
  const unread = new Set<string>();
  let [refused, kept] = [0, 0];
  for (const { pointer, field, value, put } of places(metadata)) {
    for (const other of others.filter((each) => kindOf(each) !== kindOf(value))) {
      put(other);
      try {
        expect([pointer, digestOf(metadata)]).toEqual([pointer, digestOf(reordered(metadata))]);
        kept += 1;
        unread.add(field);
      } catch (error) {
        if (!isWaybillError(error)) throw error;
        refused += 1;
        const at = String(error.details['at']);
        expect([error.code, pointer, at, at.startsWith(pointer) || pointer.startsWith(at)]).toEqual([
          'package-metadata-invalid',
          pointer,
          at,
          true,
        ]);
      }
      put(value);
    }
  }
  expect([...unread].sort()).toEqual([...UNREAD].sort());
  process.stdout.write(`wrong types in metadata.json: ${refused} refused, ${kept} kept where nothing reads them\n`);
}, 60_000);
