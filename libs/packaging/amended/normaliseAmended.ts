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
    notices: distinct([...base.notices, ...told.notices()]),
  };
}

function tellOfChange({ component, item, value }: Amendment, told: ReturnType<typeof carrying>): void {
  const [kind, ...name] = item.split('/');
  const isSecret = kind === 'file' ? holdsSecret(value) : namesSecret(name.at(-1) ?? '', value);
  tellOfText(
    {
      subject: component === undefined ? 'template' : subjectOf(component),
      what:
        kind === 'file'
          ? `The file ${name.join('/')}`
          : `The ${kind === 'env' ? 'variable' : 'value'} ${name.join('/')}`,
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
