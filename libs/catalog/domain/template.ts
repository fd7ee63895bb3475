import { WaybillError, type Digest, type TemplateKey } from '@waybill/kernel';
import type { BoundPublisher, TemplateEvent } from './templateEvents.js';

/** As much of a version as the rules need. */
export interface KnownVersion {
  readonly version: string;
  readonly manifest: Digest;
}

export type Template =
  | { readonly kind: 'absent' }
  | {
      readonly kind: 'registered';
      readonly key: TemplateKey;
      /** As its last added version calls it. */
      readonly name: string;
      /** In the order they were added. */
      readonly versions: readonly KnownVersion[];
      /** Whose packages are taken, from the first signed one on. */
      readonly publisher?: BoundPublisher;
    };

export const noTemplate: Template = { kind: 'absent' };

export const versionsIn = (template: Template): readonly KnownVersion[] =>
  template.kind === 'absent' ? [] : template.versions;

export function evolveTemplate(template: Template, event: TemplateEvent): Template {
  switch (event.type) {
    case 'template-registered':
      return { kind: 'registered', key: event.data.template, name: event.data.name, versions: [] };
    case 'version-published':
    case 'version-imported': {
      const { template: key, name, version, manifest } = event.data;
      return { ...template, kind: 'registered', key, name, versions: [...versionsIn(template), { version, manifest }] };
    }
    case 'publisher-bound': {
      const { publisher, name } = event.data;
      return template.kind === 'absent' ? template : { ...template, publisher: { publisher, name } };
    }
  }
}

/** @throws WaybillError `publisher-conflict` for a package of another publisher than the template's first */
export function assertPublisher(template: Template, key: TemplateKey, offered: BoundPublisher): void {
  const bound = template.kind === 'absent' ? undefined : template.publisher;
  if (bound === undefined || bound.publisher === offered.publisher) return;
  throw new WaybillError('publisher-conflict', {
    template: key,
    bound: bound.publisher,
    boundName: bound.name,
    offered: offered.publisher,
    offeredName: offered.name,
  });
}
