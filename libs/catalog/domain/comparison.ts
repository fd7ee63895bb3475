import { compareVersions } from '@waybill/kernel';
import { versionsIn, type KnownVersion, type Template, type TemplateVersion } from './template.js';

/** The version written with exactly that number. */
export const manifestOf = (template: Template, version: string): TemplateVersion | undefined =>
  versionsIn(template).find((known) => known.version === version);

/** The highest version. */
export const latestOf = (template: Template): KnownVersion | undefined =>
  [...versionsIn(template)].sort((a, b) => compareVersions(a.version, b.version)).at(-1);

/** The highest of those that are lower than this number. */
export const lowerThan = (template: Template, version: string): KnownVersion | undefined =>
  [...versionsIn(template)]
    .filter((known) => compareVersions(known.version, version) < 0)
    .sort((a, b) => compareVersions(a.version, b.version))
    .at(-1);
