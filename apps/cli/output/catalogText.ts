import { printable } from '@waybill/kernel';
import type {
  AttributeDifferenceView,
  DifferenceView,
  NoticeView,
  TemplateView,
  VersionDetailsView,
  VersionView,
  WithdrawnView,
} from '../api/catalog.js';
import type { PersonView } from '../api/trust.js';
import { bytesText, shortDigest, timeText } from './amounts.js';
import { facts } from './facts.js';
import { itemLabel } from './itemText.js';
import { lineDiff } from './lineDiff.js';
import { table } from './table.js';
import { acceptedText, personText, signedText } from './trustText.js';

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
    ['version', 'standing', 'components', 'size', 'added', 'by', 'from', 'signed by', 'manifest', 'notes'],
    versions.map(({ version, components, bytes, at, by, origin, manifestDigest, ...standing }) => [
      version,
      standingText(standing),
      String(components),
      bytesText(bytes),
      timeText(at),
      personText(by),
      originText(origin),
      origin.kind === 'published' ? '' : (origin.publisher?.name ?? 'nobody'),
      shortDigest(manifestDigest),
      firstLine(origin.notes ?? ''),
    ]),
  );

const originText = ({ kind, file, instance }: VersionView['origin']): string =>
  file?.name ?? (instance === undefined ? kind : `the instance ${instance.name}`);

const standingText = ({
  released,
  releasedBy,
  withdrawn,
}: Pick<VersionView, 'released' | 'releasedBy' | 'withdrawn'>): string => {
  if (withdrawn !== undefined) return `withdrawn ${withdrawnText(withdrawn)}`;
  return released === undefined ? '' : `released ${releasedText(released, releasedBy)}`;
};

const releasedText = (at: string, by: PersonView | undefined): string =>
  `${timeText(at)}${by === undefined ? '' : ` by ${personText(by)}`}`;

/** When, by whom and why. */
export const withdrawnText = ({ reason, at, by, account }: WithdrawnView): string =>
  `${timeText(at)}${withdrawer(by, account)}: ${reason}`;

function withdrawer(by: WithdrawnView['by'], account: PersonView | undefined): string {
  if (by === 'publisher') return ' by its publisher';
  return account === undefined ? '' : ` by ${personText(account)}`;
}

/** Notes are as long as their author likes. */
function firstLine(text: string): string {
  const [line = ''] = text.trim().split('\n');
  return line.length > 60 ? `${line.slice(0, 59).toWellFormed()}…` : line;
}

/** One version with its images. */
export function versionText(version: VersionDetailsView): string {
  const names = new Map(version.manifest.components.map(({ key, name }) => [key, name]));
  return [
    facts([
      ['Template', `${version.name} (${version.template})`],
      ['Version', version.version],
      ['Manifest', version.manifestDigest],
      ['Added', `${timeText(version.at)} by ${personText(version.by)}`],
      ['Released', version.released === undefined ? undefined : releasedText(version.released, version.releasedBy)],
      ['Withdrawn', version.withdrawn === undefined ? undefined : withdrawnText(version.withdrawn)],
      ['From', originText(version.origin)],
      [
        'Signed by',
        version.origin.kind === 'published' ? undefined : signedText(version.origin.format, version.origin.publisher),
      ],
      ['Accepted', version.origin.accepted === undefined ? undefined : acceptedText(version.origin.accepted)],
      ['Published', version.origin.published === undefined ? undefined : timeText(version.origin.published)],
      ['Notes', version.origin.notes],
      [
        'Notices',
        version.notices === 0 ? undefined : `${version.notices}: waybill inspect of an exported package lists them`,
      ],
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
    sbomsTable(version),
    ...(version.origin.registry ?? []).map(({ reference, digest }) => `${printable(reference)} was ${digest}\n`),
    ...(version.difference === undefined
      ? []
      : [`\nWhat ${printable(version.difference.from)} said otherwise:\n`, differenceText(version.difference.changes)]),
  ].join('');
}

function sbomsTable({ images }: VersionDetailsView): string {
  const rows = images.flatMap(({ config, sboms }) =>
    sboms.map(({ digest, size, at }) => [digest, shortDigest(config), bytesText(size), timeText(at)]),
  );
  return rows.length === 0 ? '' : `\n${table(['bill of materials', 'image', 'size', 'attached'], rows)}`;
}

const signs = { added: '+', removed: '-', changed: '~' } as const;

/** What another version says otherwise. */
export function differenceText({ template, components }: DifferenceView): string {
  if (template.length + components.length === 0) return 'No difference but the number.\n';
  const names = new Map(components.map(({ key, name }) => [key, name]));
  const lines = (attributes: DifferenceView['template']) =>
    attributes.flatMap((attribute) => attributeLines(attribute, names)).map((line) => `  ${printable(line)}\n`);
  return [
    ...(template.length === 0 ? [] : ['Template\n', ...lines(template)]),
    ...components.flatMap(({ name, kind, attributes }) => [
      `${signs[kind]} ${printable(name)}\n`,
      ...(kind === 'changed' ? lines(attributes) : []),
    ]),
  ].join('');
}

function attributeLines(
  { item, kind, before, after }: AttributeDifferenceView,
  names: ReadonlyMap<string, string>,
): readonly string[] {
  const label = `${signs[kind]} ${itemLabel(item, names)}`;
  if (item.startsWith('dependencies/')) return [label];
  const [old, present] = [contentOf(before), contentOf(after)];
  if (kind === 'changed' && old !== undefined && present !== undefined)
    return [
      label,
      ...lineDiff(old, present)
        .filter((line) => line.kind !== 'same')
        .map((line) => `    ${line.kind === 'removed' ? '-' : '+'} ${line.text}`),
    ];
  return [`${label}: ${kind === 'changed' ? changeOf(before, after) : briefly(after ?? before)}`];
}

/** The text of a configuration file. */
function contentOf(value: unknown): string | undefined {
  const content = (value as { readonly content?: unknown } | null | undefined)?.content;
  return typeof content === 'string' ? content : undefined;
}

/** What is told in brief is told whole where it would read alike on both sides. */
function changeOf(before: unknown, after: unknown): string {
  const [old, present] = [briefly(before), briefly(after)];
  return old === present ? `${whole(before)} → ${whole(after)}` : `${old} → ${present}`;
}

/** Values of manifests have many forms: of an image its id tells most, of a variable its value. */
function briefly(value: unknown): string {
  const { config, value: own, secret } = { ...(value as Readonly<Record<string, unknown>> | null) };
  if (typeof config === 'string') return shortDigest(config);
  if (secret !== undefined) return 'a generated value';
  if (typeof own === 'string') return own === '' ? '""' : own;
  return whole(value);
}

function whole(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > 160 ? `${text.slice(0, 160)}…` : text;
}

/** Remarks on a package; `names` are of its components by key. */
export const noticesText = (notices: readonly NoticeView[], names: ReadonlyMap<string, string> = new Map()): string =>
  notices
    .map(({ subject, message }) => {
      const name = names.get(subject.replace(/^component:/, '')) ?? subject;
      return `! ${printable(`${name}: ${message}`)}\n`;
    })
    .join('');
