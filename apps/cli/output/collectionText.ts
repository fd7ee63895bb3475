import { printable } from '@waybill/kernel';
import type { CollectionView } from '../api/retention.js';
import { bytesText, counted } from './amounts.js';
import { table } from './table.js';

/** What goes and why, and what stays though it is on offer no more. */
export function collectionText({ content, exports, kept, bytes }: CollectionView): string {
  const groups = new Map<string, CollectionView['content'][number][]>();
  for (const item of content) {
    const versions = item.versions.join(', ');
    groups.set(versions, [...(groups.get(versions) ?? []), item]);
  }
  const rows = [
    ...[...groups].map(([versions, items]) => [
      counted(items.length, 'layer or blob', 'layers or blobs'),
      bytesText(items.reduce((sum, { size }) => sum + size, 0)),
      versions === '' ? 'no version in the catalog names it' : `withdrawn, and needed by nothing: ${versions}`,
    ]),
    ...exports.map(({ name, size, because }) => [`package ${name}`, bytesText(size), because]),
  ];
  return [
    rows.length === 0
      ? 'There is nothing to collect.\n'
      : `${table(['what', 'on disk', 'why'], rows)}\n${bytesText(bytes)} in all.\n`,
    ...kept.map(
      ({ template, version, images, because }) =>
        `${printable(`${template} ${version} was withdrawn, and ${staying(images)}: ${because.join('; ')}`)}\n`,
    ),
  ].join('');
}

const staying = ({ kept, of }: CollectionView['kept'][number]['images']): string =>
  kept === of ? 'its images stay' : `${kept} of its ${of} images ${kept === 1 ? 'stays' : 'stay'}`;
