import { printable } from '@waybill/kernel';
import type { DifferenceView, NoticeView, TemplateView, VersionDetailsView, VersionView } from '../api/catalog.js';
import { bytesText, shortDigest, timeText } from './amounts.js';
import { facts } from './facts.js';
import { itemLabel } from './itemText.js';
import { table } from './table.js';

export const templatesText = (templates: readonly TemplateView[]): string =>
  templates.length === 0
    ? 'The catalog is empty. Import a package (waybill import FILE) or publish a version.\n'
    : table(
        ['key', 'name', 'versions', 'latest'],
        templates.map(({ key, name, versions, latest }) => [key, name, String(versions), latest ?? '']),
      );

export const templateText = ({ key, name, registered, versions, latest }: TemplateView): string =>
  facts([
    ['Template', name],
    ['Key', key],
    ['Registered', timeText(registered)],
    ['Versions', String(versions)],
    ['Latest', latest],
  ]);

export const versionsText = (versions: readonly VersionView[]): string =>
  table(
    ['version', 'components', 'size', 'added', 'by', 'from', 'manifest'],
    versions.map(({ version, components, bytes, at, by, origin, manifestDigest }) => [
      version,
      String(components),
      bytesText(bytes),
      timeText(at),
      by.name ?? by.id,
      origin.file?.name ?? origin.kind,
      shortDigest(manifestDigest),
    ]),
  );

/** One version with its images. */
export function versionText(version: VersionDetailsView): string {
  const names = new Map(version.manifest.components.map(({ key, name }) => [key, name]));
  return [
    facts([
      ['Template', `${version.name} (${version.template})`],
      ['Version', version.version],
      ['Manifest', version.manifestDigest],
      ['Added', `${timeText(version.at)} by ${version.by.name ?? version.by.id}`],
      ['From', version.origin.file?.name ?? version.origin.kind],
      ['Notes', version.origin.notes],
      ['Notices', version.notices === 0 ? undefined : String(version.notices)],
    ]),
    '\n',
    table(
      ['image', 'platform', 'size', 'here', 'components'],
      version.images.map(({ config, os, architecture, bytes, complete, components }) => [
        shortDigest(config),
        `${os}/${architecture}`,
        bytesText(bytes),
        complete ? 'yes' : 'no',
        components.map((key) => names.get(key) ?? key).join(', '),
      ]),
    ),
  ].join('');
}

const signs = { added: '+', removed: '-', changed: '~' } as const;

/** What another version says otherwise. */
export function differenceText({ template, components }: DifferenceView): string {
  if (template.length + components.length === 0) return 'No difference but the number.\n';
  const name = new Map(components.map((component) => [component.key, component.name]));
  const line = ({ item, kind, before, after }: DifferenceView['template'][number]) => {
    const values = kind === 'changed' ? `${jsonOf(before)} → ${jsonOf(after)}` : jsonOf(after ?? before);
    return `  ${signs[kind]} ${printable(`${itemLabel(item)}: ${values}`)}\n`;
  };
  return [
    ...(template.length === 0 ? [] : ['Template\n', ...template.map(line)]),
    ...components.flatMap(({ key, kind, attributes }) => [
      `${signs[kind]} ${printable(name.get(key) ?? key)}\n`,
      ...(kind === 'changed' ? attributes.map(line) : []),
    ]),
  ].join('');
}

/** Values of manifests have many forms; a digest alone is shortened, since that is what changes most. */
function jsonOf(value: unknown): string {
  const config = (value as { readonly config?: unknown } | null | undefined)?.config;
  if (typeof config === 'string') return shortDigest(config);
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > 160 ? `${text.slice(0, 160)}…` : text;
}

export const noticesText = (notices: readonly NoticeView[]): string =>
  notices.map(({ subject, message }) => printable(`! ${subject}: ${message}`)).join('\n') +
  (notices.length === 0 ? '' : '\n');
