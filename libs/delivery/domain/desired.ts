import type { CanonicalValue, ComponentKey, Digest, EventId, TemplateKey } from '@waybill/kernel';
import type { SecretVersion } from '@waybill/packaging';

export {
  itemKinds,
  itemsOfKind,
  kindOf,
  nameOf,
  publishedOf,
  replicasOf,
  valueAt,
  type EnvValue,
  type FileValue,
  type ImageValue,
  type ItemKind,
  type MountValue,
  type PortValue,
  type ProbeValue,
  type PublishedPort,
  type PublishValue,
  type SecretVersion,
  type VolumeValue,
  type WorkloadValue,
} from '@waybill/packaging';

/**
 * What an instance shall be: the outcome of a plan, stored as a document. Every attribute of every component is an *item* under a path
 * (`image`, `env/LOG_LEVEL`, `file//etc/my.cnf`, `publish/80`), so that plans, rollbacks, differences and provenance all speak of the same things.
 */
export interface Desired {
  readonly schema: 1;
  readonly template: { readonly key: TemplateKey; readonly name: string };
  readonly version: string;
  readonly manifest: Digest;
  readonly components: Readonly<Record<string, DesiredComponent>>;
  /** Values shared by several components: `group/<name>/<item>`. */
  readonly shared: Readonly<Record<string, Item>>;
  /** The present version of every secret the items refer to. */
  readonly secrets: Readonly<Record<string, SecretVersion>>;
}

export interface DesiredComponent {
  /** Its key in this instance: the key it had when it was added, kept for good. */
  readonly key: ComponentKey;
  /** Its key in the template it now comes from. */
  readonly templateKey: ComponentKey;
  readonly aliases: readonly string[];
  readonly name: string;
  /** Its name on the instance's network, given when it was added and kept. */
  readonly host: string;
  /** What the other components of that version call it, where that is another name. */
  readonly called?: string;
  /** The version of the template that it was last brought to. A component the template dropped stays behind at its last one. */
  readonly version: string;
  readonly items: Readonly<Record<string, Item>>;
}

export interface Item<Value extends CanonicalValue = CanonicalValue> {
  readonly value: Value;
  readonly origin: Origin;
}

/** Who set the present value. `accepted`: the site had another one, and a person took the template's (`--accept`). */
export type Origin =
  | { readonly kind: 'template'; readonly version: string; readonly accepted?: true }
  /** A person or pipeline at this site; `revision` is the place of the setting event in the instance's stream. */
  | { readonly kind: 'site'; readonly event: EventId; readonly revision: number }
  /** Waybill itself: assigned ports, generated secrets. */
  | { readonly kind: 'assigned' };
