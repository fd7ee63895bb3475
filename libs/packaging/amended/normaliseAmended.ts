import type { Notice, ReadLimits } from '../package.js';
import { carrying, subjectOf } from '../ram/carrying.js';
import { holdsSecret, namesSecret } from '../ram/suspicions.js';
import { tellOfText } from '../ram/tellOfText.js';
import type { NormalisedSource } from '../normalisedSource.js';
import { amend } from './amend.js';
import type { AmendedSource, Amendment } from './source.js';

/**
 * Makes the manifest of a source that goes on from another one.
 * @param base what that one says
 * @throws WaybillError `package-metadata-invalid`
 */
export function normaliseAmended(
  { version, changes }: AmendedSource,
  base: NormalisedSource,
  limits: Pick<ReadLimits, 'parts'>,
): NormalisedSource {
  const told = carrying(limits);
  for (const change of changes) tellOfChange(change, told);
  return {
    manifest: { ...amend(base.manifest, changes), version },
    documents: base.documents,
    notices: distinct([...base.notices.filter((notice) => !changes.some(isOf(notice))), ...told.notices()]),
  };
}

/** What is told of a text itself, and so no longer holds when another one is in its place. */
const OF_TEXTS = [
  'connection-fixed',
  'loopback-address',
  'secret-embedded',
  'secret-in-clear',
  'text-substituted',
  'variable-unset',
];

const isOf =
  (notice: Notice) =>
  ({ component, item }: Amendment): boolean =>
    OF_TEXTS.includes(notice.code) &&
    notice.subject === subjectOfChange(component) &&
    notice.message.startsWith(`${whatOf(item)} `);

const subjectOfChange = (component: string | undefined): string =>
  component === undefined ? 'template' : subjectOf(component);

/** As notices call it. */
function whatOf(item: string): string {
  const [kind, ...name] = item.split('/');
  const what = kind === 'file' || kind === 'env' ? { file: 'file', env: 'variable' }[kind] : 'value';
  return `The ${what} ${name.join('/')}`;
}

function tellOfChange({ component, item, value }: Amendment, told: ReturnType<typeof carrying>): void {
  const [kind, ...name] = item.split('/');
  const isSecret = kind === 'file' ? holdsSecret(value) : namesSecret(name.at(-1) ?? '', value);
  tellOfText(
    {
      subject: subjectOfChange(component),
      what: whatOf(item),
      text: value,
      secret: isSecret ? (kind === 'file' ? 'seems to hold a secret' : 'looks like a secret and stands') : undefined,
    },
    told,
  );
}

const distinct = (notices: readonly Notice[]): readonly Notice[] =>
  [...new Map(notices.map((notice) => [`${notice.subject}\n${notice.code}\n${notice.message}`, notice])).entries()]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, notice]) => notice);
