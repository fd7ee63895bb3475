import { handle, workingOn, type CommandContext } from '@waybill/event-store';
import type { Digest, TemplateKey } from '@waybill/kernel';
import { manifestOf } from '../domain/comparison.js';
import { templateStream } from '../domain/streams.js';
import { withdrawalOf, type Template } from '../domain/template.js';
import type { CatalogDependencies } from './dependencies.js';
import { templateHandling } from './handling.js';
import type { WriteOptions } from './imports.js';
import { keyOf } from './templateKey.js';

/** A version that is released or withdrawn. */
export interface StandingChange extends WriteOptions {
  /** Key or unambiguous name. */
  readonly template: string;
  readonly version: string;
  readonly change: { readonly kind: 'release' } | { readonly kind: 'withdraw'; readonly reason: string };
}

export interface VersionStanding {
  readonly template: TemplateKey;
  readonly version: string;
  readonly manifest: Digest;
  readonly released: boolean;
  /** Why it is on offer no more. */
  readonly withdrawn?: string;
  /** Did it change anything? */
  readonly changed: boolean;
  readonly revision: bigint;
  readonly position: bigint;
}

/**
 * Marks a version as the one its publisher stands for, or takes it from offer for good.
 * @throws WaybillError `template-not-found`, `template-ambiguous`, `version-not-found`, `version-withdrawn` for a release after a withdrawal,
 * `revision-mismatch`
 */
export async function changeStanding(
  deps: CatalogDependencies,
  { template: named, version, change, expectedRevision }: StandingChange,
  context: CommandContext,
): Promise<VersionStanding> {
  const template = await keyOf(deps, named);
  const command =
    change.kind === 'release'
      ? ({ type: 'release-version', template, version } as const)
      : ({ type: 'withdraw-version', template, version, reason: change.reason } as const);
  const handling = templateHandling(workingOn(deps, context));
  const { state, outcome, revision, position } = await handle(handling, templateStream(template), command, context, {
    expectedRevision,
  });
  return { template, version, ...standingOf(state, version), changed: outcome !== 'nothing', revision, position };
}

function standingOf(state: Template, version: string): Pick<VersionStanding, 'manifest' | 'released' | 'withdrawn'> {
  const known = manifestOf(state, version);
  if (known === undefined) throw new Error(`version ${version} was found a moment ago`);
  const withdrawal = withdrawalOf(state, known.manifest);
  return {
    manifest: known.manifest,
    released: known.isReleased,
    ...(withdrawal === undefined ? {} : { withdrawn: withdrawal.reason }),
  };
}
