import { WaybillError, type Digest, type TemplateKey } from '@waybill/kernel';
import { keyOfSbom, type Sbom } from './sboms.js';
import type { BoundPublisher, TemplateEvent } from './templateEvents.js';

/** As much of a version as the rules need. */
export interface KnownVersion {
  readonly version: string;
  readonly manifest: Digest;
}

export interface TemplateVersion extends KnownVersion {
  /** Published here; all others came in packages. */
  readonly isOwn: boolean;
  /** Published here, and more than another version with values of an instance: nobody else's template. */
  readonly isAuthored: boolean;
  readonly isReleased: boolean;
}

/** Why a version is on offer no more. */
export interface Withdrawal {
  readonly version: string;
  readonly reason: string;
}

export type Template =
  | { readonly kind: 'absent' }
  | {
      readonly kind: 'registered';
      readonly key: TemplateKey;
      /** As its last added version calls it. */
      readonly name: string;
      /** In the order they were added. */
      readonly versions: readonly TemplateVersion[];
      /** By manifest; also of versions that are not here, as their publisher said. */
      readonly withdrawn: ReadonlyMap<Digest, Withdrawal>;
      /** Bills of materials: `<manifest> <image> <digest>`. */
      readonly sboms: ReadonlySet<string>;
      /** To whom its first signed package bound it. */
      readonly publisher?: BoundPublisher;
    };

export const noTemplate: Template = { kind: 'absent' };

export const versionsIn = (template: Template): readonly TemplateVersion[] =>
  template.kind === 'absent' ? [] : template.versions;

/** Why that very version is on offer no more, if it is not. */
export const withdrawalOf = (template: Template, manifest: Digest): Withdrawal | undefined =>
  template.kind === 'absent' ? undefined : template.withdrawn.get(manifest);

export function evolveTemplate(template: Template, event: TemplateEvent): Template {
  switch (event.type) {
    case 'template-registered':
      return {
        kind: 'registered',
        key: event.data.template,
        name: event.data.name,
        versions: [],
        withdrawn: new Map(),
        sboms: new Set(),
      };
    case 'version-published':
    case 'version-imported': {
      const { template: key, name, version, manifest } = event.data;
      const isOwn = event.type === 'version-published';
      const isAuthored = isOwn && event.data.sourceFormat !== 'amended';
      const added = { version, manifest, isOwn, isAuthored, isReleased: false };
      const { withdrawn, sboms } =
        template.kind === 'absent' ? { withdrawn: new Map<Digest, Withdrawal>(), sboms: new Set<string>() } : template;
      const versions = [...versionsIn(template), added];
      return { ...template, kind: 'registered', key, name, versions, withdrawn, sboms };
    }
    case 'version-released': {
      if (template.kind === 'absent') return template;
      const { manifest } = event.data;
      const versions = template.versions.map((one) => (one.manifest === manifest ? { ...one, isReleased: true } : one));
      return { ...template, versions };
    }
    case 'version-withdrawn': {
      if (template.kind === 'absent') return template;
      const { manifest, version, reason } = event.data;
      return { ...template, withdrawn: new Map([...template.withdrawn, [manifest, { version, reason }]]) };
    }
    case 'sbom-attached':
      return template.kind === 'absent'
        ? template
        : { ...template, sboms: new Set([...template.sboms, sbomKey(event.data.manifest, event.data)]) };
    case 'publisher-bound': {
      const { publisher, name } = event.data;
      return template.kind === 'absent' ? template : { ...template, publisher: { publisher, name } };
    }
  }
}

/** How the state of a template knows a bill of materials. */
export const sbomKey = (manifest: Digest, sbom: Pick<Sbom, 'image' | 'digest'>): string =>
  `${manifest} ${keyOfSbom(sbom)}`;

/**
 * Whose packages are taken: those of the publisher to whom the template was bound or, where it is of here, this server's own. That is read from its
 * versions, for publishing binds nothing. A version of somebody else's with values of an instance makes nobody its owner.
 */
export function ownerOf(template: Template, own: BoundPublisher): BoundPublisher | undefined {
  if (template.kind === 'absent') return undefined;
  return template.publisher ?? (template.versions.some(({ isAuthored }) => isAuthored) ? own : undefined);
}

/** @param own who publishes here @throws WaybillError `publisher-conflict` for a package of another publisher than the template's */
export function assertPublisher(
  template: Template,
  key: TemplateKey,
  offered: BoundPublisher,
  own: BoundPublisher,
): void {
  const bound = ownerOf(template, own);
  if (bound === undefined || bound.publisher === offered.publisher) return;
  throw new WaybillError('publisher-conflict', {
    template: key,
    bound: bound.publisher,
    boundName: bound.name,
    offered: offered.publisher,
    offeredName: offered.name,
  });
}
