import type { Digest, TemplateKey } from '@waybill/kernel';
import type { TemplateEvent } from './templateEvents.js';

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
      return { kind: 'registered', key, name, versions: [...versionsIn(template), { version, manifest }] };
    }
  }
}
