import type { Decider } from '@waybill/event-store';
import {
  normalisedVersion,
  WaybillError,
  withoutUndefined,
  type Digest,
  type ImportId,
  type TemplateKey,
} from '@waybill/kernel';
import type { PublisherId, RegistryDigest, WithdrawnVersion } from '@waybill/packaging';
import { manifestOf } from './comparison.js';
import {
  assertPublisher,
  evolveTemplate,
  noTemplate,
  ownerOf,
  sbomKey,
  withdrawalOf,
  type Template,
  type TemplateVersion,
} from './template.js';
import type { StoredContent } from './importEvents.js';
import type { Sbom } from './sboms.js';
import type { BoundPublisher, SourceInstance, TemplateEvent, VersionContent, VersionOrigin } from './templateEvents.js';
import { assertAcceptable, judge } from './verdict.js';

/** `own`: who publishes here. */
type AddVersion =
  | {
      readonly type: 'publish-version';
      readonly content: VersionContent;
      readonly stored: StoredContent;
      readonly notes?: string;
      readonly registry?: readonly RegistryDigest[];
      readonly instance?: SourceInstance;
    }
  | {
      readonly type: 'import-version';
      readonly content: VersionContent;
      readonly origin: VersionOrigin;
      readonly own: BoundPublisher;
    };

export type TemplateCommand =
  | AddVersion
  | { readonly type: 'release-version'; readonly template: TemplateKey; readonly version: string }
  | {
      readonly type: 'withdraw-version';
      readonly template: TemplateKey;
      readonly version: string;
      readonly reason: string;
    }
  | {
      /** What the publisher of a package says it has withdrawn. */
      readonly type: 'take-withdrawals';
      readonly import: ImportId;
      readonly publisher: PublisherId;
      readonly withdrawn: readonly WithdrawnVersion[];
      readonly own: BoundPublisher;
    }
  | {
      readonly type: 'attach-sboms';
      readonly template: TemplateKey;
      readonly version: string;
      readonly manifest: Digest;
      readonly sboms: readonly Sbom[];
      readonly import?: ImportId;
    };

/**
 * The rules of `template-<key>`: a version is added once and never changes, and what was withdrawn stays so. No events: it is so already.
 * Only the publisher to whom the template is bound withdraws by packages, and never what was published here.
 */
export const templateDecider: Decider<Template, TemplateCommand, TemplateEvent> = {
  decide(command, state) {
    switch (command.type) {
      case 'publish-version':
      case 'import-version':
        return add(command, state);
      case 'release-version': {
        const { template, version } = command;
        const { manifest, isReleased } = present(state, template, version);
        const withdrawal = withdrawalOf(state, manifest);
        if (withdrawal !== undefined)
          throw new WaybillError('version-withdrawn', { template, version, reason: withdrawal.reason });
        return isReleased ? [] : [{ type: 'version-released', data: { template, version, manifest } }];
      }
      case 'withdraw-version': {
        const { template, version, reason } = command;
        const { manifest } = present(state, template, version);
        if (withdrawalOf(state, manifest) !== undefined) return [];
        const data = { template, version, manifest, reason, origin: { kind: 'here' } } as const;
        return [{ type: 'version-withdrawn', data }];
      }
      case 'take-withdrawals':
        return takenBack(command, state);
      case 'attach-sboms':
        return attached(command, state);
    }
  },
  evolve: evolveTemplate,
  initialState: () => noTemplate,
};

function add(command: AddVersion, state: Template): readonly TemplateEvent[] {
  const { content } = command;
  if (command.type === 'import-version' && command.origin.publisher !== undefined)
    assertPublisher(state, content.template, command.origin.publisher, command.own);
  const verdict = judge(state, content);
  assertAcceptable(verdict, content.template, content.version);
  if (verdict.kind === 'already-present') return isOfHere(command) ? [] : binding(command, state);
  const registered: readonly TemplateEvent[] =
    state.kind === 'registered'
      ? []
      : [{ type: 'template-registered', data: { template: content.template, name: content.name } }];
  return [...registered, ...binding(command, state), versionAdded(command)];
}

function present(state: Template, template: TemplateKey, version: string): TemplateVersion {
  if (state.kind === 'absent') throw new WaybillError('template-not-found', { template });
  const found = manifestOf(state, version);
  if (found === undefined) throw new WaybillError('version-not-found', { template, version });
  return found;
}

function attached(
  { template, version, manifest, sboms, import: id }: Extract<TemplateCommand, { type: 'attach-sboms' }>,
  state: Template,
): readonly TemplateEvent[] {
  const known = state.kind === 'absent' ? new Set<string>() : state.sboms;
  return sboms
    .filter((sbom) => !known.has(sbomKey(manifest, sbom)))
    .map((sbom) => ({
      type: 'sbom-attached',
      data: { template, version, manifest, ...sbom, ...(id === undefined ? {} : { import: id }) },
    }));
}

function takenBack(
  { import: id, publisher, withdrawn, own: here }: Extract<TemplateCommand, { type: 'take-withdrawals' }>,
  state: Template,
): readonly TemplateEvent[] {
  if (state.kind === 'absent' || ownerOf(state, here)?.publisher !== publisher) return [];
  const own = new Set(state.versions.filter(({ isOwn }) => isOwn).map(({ manifest }) => manifest));
  return withdrawn
    .filter(({ manifest }) => !own.has(manifest) && !state.withdrawn.has(manifest))
    .map(({ version, manifest, reason, at }) => ({
      type: 'version-withdrawn',
      data: {
        template: state.key,
        version,
        manifest,
        reason,
        origin: { kind: 'package', import: id, publisher, at },
      },
    }));
}

/** The first signed package says whose the template is, be its version new or here before: its publisher vouches for it. */
function binding(command: AddVersion, state: Template): readonly TemplateEvent[] {
  if (command.type !== 'import-version' || command.origin.publisher === undefined) return [];
  if (ownerOf(state, command.own) !== undefined) return [];
  const { content, origin } = command;
  return [
    {
      type: 'publisher-bound',
      data: { template: content.template, import: origin.import, ...command.origin.publisher },
    },
  ];
}

/** Written here: of a version that is here it tells nothing new, and makes nobody's template this server's. */
const isOfHere = (command: AddVersion): boolean =>
  command.type === 'import-version' && command.origin.publisher?.publisher === command.own.publisher;

function versionAdded(command: AddVersion): TemplateEvent {
  const content = { ...command.content, normalised: normalisedVersion(command.content.version) };
  switch (command.type) {
    case 'publish-version': {
      const { stored, notes, registry, instance } = command;
      return {
        type: 'version-published',
        data: { ...content, stored, ...withoutUndefined({ notes, registry, instance }) },
      };
    }
    case 'import-version':
      return { type: 'version-imported', data: { ...content, ...command.origin } };
  }
}
