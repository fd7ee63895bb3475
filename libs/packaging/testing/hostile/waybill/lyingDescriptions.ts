import { sha256 } from '@waybill/kernel';
import type { HostileCase } from '../soundPackage.js';
import { contained, described, rewritten, signedAnew } from './shop.js';

const invalid = 'package-description-invalid';
const nowhere = sha256('nowhere');

const sbomNowhere = { digest: nowhere, mediaType: 'application/vnd.cyclonedx+json', size: 7 };

/** The first image with a bill of materials, which lies there under this digest. */
const withSbom = (
  title: string,
  outcome: string,
  content: Uint8Array,
  digest = sha256(content),
  size = content.length,
) =>
  contained(title, outcome, ({ description, blobs, ...rest }) => {
    const [first, ...others] = description.images;
    const sboms = [{ digest, mediaType: 'application/vnd.cyclonedx+json', size }];
    const images = first === undefined ? [] : [{ ...first, sboms }, ...others];
    return { ...rest, blobs: new Map([...blobs, [digest, content]]), description: { ...description, images } };
  });
const cyclonedx = Buffer.from('{"bomFormat":"CycloneDX","specVersion":"1.6"}');
const lyingSboms: readonly HostileCase[] = [
  withSbom('a bill of materials that is no JSON', 'sbom-invalid', Buffer.from('<bom/>')),
  withSbom('a bill of materials that is no CycloneDX', 'sbom-invalid', Buffer.from('{"spdxVersion":"SPDX-2.3"}')),
  withSbom('a bill of materials that says a member twice', 'sbom-invalid', Buffer.from('{"a":1,"a":2}')),
  withSbom('a bill of materials of another size', 'package-damaged', cyclonedx, sha256(cyclonedx), 9),
  withSbom('a bill of materials under a wrong digest', 'package-damaged', cyclonedx, sha256('another')),
  withSbom(
    'a bill of materials over the limit',
    'package-limit-exceeded',
    Buffer.concat([cyclonedx, Buffer.alloc(8 * 1024 ** 2, ' ')]),
  ),
];

const withdrawal = { version: '0.1', manifest: nowhere, reason: 'It loses orders.', at: '2026-01-02T03:04:05Z' };

/** The description in other bytes, which its publisher signed all the same. */
const written = (title: string, outcome: string, change: (text: string) => string): HostileCase =>
  rewritten(
    title,
    outcome,
    signedAnew((bytes) => Buffer.from(change(bytes.toString('utf8')))),
  );

export const lyingDescriptions: readonly HostileCase[] = [
  written('a description with spaces', invalid, (text) => JSON.stringify(JSON.parse(text), null, 1)),
  written('a description with its members in another order', invalid, (text) =>
    JSON.stringify(Object.fromEntries(Object.entries(JSON.parse(text) as object).reverse())),
  ),
  written('a description that says a member twice', invalid, (text) =>
    text.replace('"version":', '"version":"0","version":'),
  ),
  written('a description with a byte order mark', invalid, (text) => `\ufeff${text}`),
  described('a member that nobody knows', invalid, () => ({ execute: '/bin/sh' })),
  described('an image with a member that nobody knows', invalid, ({ images: [first, ...rest] }) => ({
    images: [{ ...first, privileged: true }, ...rest],
  })),
  described('a later schema', invalid, () => ({ schema: 2 })),
  described('a digest that leads upwards', invalid, () => ({ manifest: 'sha256:../../../etc/passwd' })),
  described('a time that is none', invalid, () => ({ published: 'yesterday' })),
  described('a negative size', invalid, ({ images: [first, ...rest] }) => ({
    images: [{ ...first, layers: first?.layers.map((layer) => ({ ...layer, size: -1 })) }, ...rest],
  })),
  described('the manifest of something else', invalid, () => ({ manifest: nowhere })),
  described('another version than its source', invalid, () => ({ version: '6.6' })),
  described('another template than its source', invalid, ({ template }) => ({
    template: { ...template, key: 'other' },
  })),
  described('another name than its source', invalid, ({ template }) => ({ template: { ...template, name: 'Other' } })),
  described('a source of another digest', 'package-damaged', ({ source }) => ({
    source: { ...source, digest: nowhere },
  })),
  described('an image that is not there', 'package-file-missing', ({ images: [first, ...rest] }) => ({
    images: [{ ...first, config: nowhere }, ...rest],
  })),
  described('an image for another machine', 'package-image-invalid', ({ images: [first, ...rest] }) => ({
    images: [{ ...first, architecture: 'arm64' }, ...rest],
  })),
  described('an image with a layer less', 'package-image-invalid', ({ images: [first, ...rest] }) => ({
    images: [{ ...first, layers: first?.layers.slice(1) }, ...rest],
  })),
  described('an image with its layers turned round', 'package-image-invalid', ({ images: [first, ...rest] }) => ({
    images: [{ ...first, layers: [...(first?.layers ?? [])].reverse() }, ...rest],
  })),
  described('fewer images than there are', 'package-entry-refused', ({ images: [first] }) => ({
    images: [first],
  })),
  described('a layer of another size', 'package-damaged', ({ images }) => ({
    images: images.map((image) => ({
      ...image,
      layers: image.layers.map((layer) => ({ ...layer, size: layer.size + 1 })),
    })),
  })),
  described('layers smaller than they are', 'package-entry-refused', ({ images }) => ({
    images: images.map((image) => ({ ...image, layers: image.layers.map((layer) => ({ ...layer, size: 512 })) })),
  })),
  described('a layer larger than any may be', 'package-limit-exceeded', ({ images: [first, ...rest] }) => ({
    images: [{ ...first, layers: first?.layers.map((layer) => ({ ...layer, size: 2 ** 50 })) }, ...rest],
  })),
  described('a withdrawal of the version that it carries', invalid, ({ version, manifest }) => ({
    withdrawn: [{ version, manifest, reason: 'none', at: '2026-01-02T03:04:05Z' }],
  })),
  described('a withdrawal of its own number with other content', invalid, ({ version }) => ({
    withdrawn: [{ version, manifest: nowhere, reason: 'none', at: '2026-01-02T03:04:05Z' }],
  })),
  described('a withdrawal of its own content under another number', invalid, ({ manifest }) => ({
    withdrawn: [{ version: '0.1', manifest, reason: 'none', at: '2026-01-02T03:04:05Z' }],
  })),
  described('a withdrawal that stands there twice', invalid, () => ({ withdrawn: [withdrawal, withdrawal] })),
  described('withdrawals that are not sorted', invalid, () => ({
    withdrawn: [{ ...withdrawal, version: '0.2' }, withdrawal],
  })),
  described('a withdrawal with a member that nobody knows', invalid, () => ({
    withdrawn: [{ ...withdrawal, template: 'another' }],
  })),
  described('a withdrawal at no time', invalid, () => ({ withdrawn: [{ ...withdrawal, at: 'soon' }] })),
  described('a bill of materials of a kind that nobody reads', invalid, ({ images: [first, ...rest] }) => ({
    images: [{ ...first, sboms: [{ digest: nowhere, mediaType: 'text/html', size: 7 }] }, ...rest],
  })),
  described('a bill of materials that stands there twice', invalid, ({ images: [first, ...rest] }) => ({
    images: [{ ...first, sboms: [sbomNowhere, sbomNowhere] }, ...rest],
  })),
  ...lyingSboms,
  described('a bill of materials that is not there', 'package-file-missing', ({ images: [first, ...rest] }) => ({
    images: [{ ...first, sboms: [{ digest: nowhere, mediaType: 'application/vnd.cyclonedx+json', size: 7 }] }, ...rest],
  })),
];
