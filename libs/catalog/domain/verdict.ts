import { compareVersions, hasCode, parseVersion, WaybillError, type Digest, type TemplateKey } from '@waybill/kernel';
import { versionsIn, type KnownVersion, type Template } from './template.js';

/** How an offered version stands to what the catalog has. */
export type Verdict =
  | { readonly kind: 'new-template' }
  | { readonly kind: 'new-version' }
  | { readonly kind: 'already-present' }
  | { readonly kind: 'content-differs'; readonly present: Digest; readonly offered: Digest }
  | { readonly kind: 'spelling-clash'; readonly present: string }
  | { readonly kind: 'version-invalid'; readonly reason: string };

/** Identity and immutability of versions in one place: number and manifest digest decide, nothing else. */
export function judge(template: Template, offered: KnownVersion): Verdict {
  const reason = whyInvalid(offered.version);
  if (reason !== undefined) return { kind: 'version-invalid', reason };
  const versions = versionsIn(template);
  const same = versions.find(({ version }) => version === offered.version);
  if (same !== undefined)
    return same.manifest === offered.manifest
      ? { kind: 'already-present' }
      : { kind: 'content-differs', present: same.manifest, offered: offered.manifest };
  const twin = versions.find(({ version }) => compareVersions(version, offered.version) === 0);
  if (twin !== undefined) return { kind: 'spelling-clash', present: twin.version };
  return template.kind === 'absent' ? { kind: 'new-template' } : { kind: 'new-version' };
}

/** @throws WaybillError `invalid-version`, `version-content-differs`, `version-spelling-clash` for what the catalog cannot take */
export function assertAcceptable(verdict: Verdict, template: TemplateKey, version: string): void {
  switch (verdict.kind) {
    case 'new-template':
    case 'new-version':
    case 'already-present':
      return;
    case 'content-differs':
      throw new WaybillError('version-content-differs', {
        template,
        version,
        present: verdict.present,
        offered: verdict.offered,
      });
    case 'spelling-clash':
      throw new WaybillError('version-spelling-clash', { template, version, present: verdict.present });
    case 'version-invalid':
      throw new WaybillError('invalid-version', { version, reason: verdict.reason });
  }
}

function whyInvalid(version: string): string | undefined {
  try {
    parseVersion(version);
    return undefined;
  } catch (error) {
    if (hasCode(error, 'invalid-version')) return String(error.details['reason'] ?? '');
    throw error;
  }
}
