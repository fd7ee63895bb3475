import type { Clock, Digest, IdSource, SecretKey, TemplateKey } from '@waybill/kernel';
import type { Actor, Claims, Documents, EventStore, ReadModels } from '@waybill/event-store';
import type { Manifest, ManifestImage } from '@waybill/packaging';
import type { ImageSource, Runtime } from '@waybill/runtime';

/** What delivery needs to know of templates; the catalog answers it. */
export interface TemplateSource {
  /** Versions on offer, lowest first. @throws WaybillError `template-not-found` */
  versions(template: TemplateKey): Promise<readonly OfferedVersion[]>;
  /** One that is on offer. @throws WaybillError `version-not-found`, `version-withdrawn` */
  version(template: TemplateKey, version: string): Promise<{ readonly manifest: Manifest; readonly digest: Digest }>;
  /** Why a version is on offer no more; `undefined`: it is. */
  withdrawal(template: TemplateKey, version: string): Promise<string | undefined>;
}

export interface OfferedVersion {
  readonly version: string;
  readonly manifest: Digest;
}

/** Layers and configurations of images, as far as they are here. */
export interface ImageContent extends ImageSource {
  /** What of the image is not here. */
  missing(image: ManifestImage): Promise<readonly Digest[]>;
  /** Names of packages that would bring it back. */
  carriers(image: ManifestImage): Promise<readonly string[]>;
}

/** Everything that delivery is given; made once, at the composition root. */
export interface DeliveryDependencies {
  readonly store: EventStore;
  readonly documents: Documents;
  /** Where queries look: answers from what is known here when the store is away. */
  readonly reading: {
    readonly store: EventStore;
    readonly documents: Documents;
    readonly templates: TemplateSource;
  };
  readonly clock: Clock;
  readonly ids: IdSource;
  readonly readModels: ReadModels;
  readonly secretKey: SecretKey;
  readonly runtime: Runtime;
  readonly templates: TemplateSource;
  readonly content: ImageContent;
  readonly claims: Claims;
  /** The server itself, for what it does on its own account. */
  readonly actor: Actor;
  readonly runner: string;
  /** Does this server carry rollouts out? Otherwise it leaves them to the others of the same store. */
  readonly carriesOut: boolean;
  readonly networkPool: string;
  /** Milliseconds that one call of the engine may take: how long a rollout is left alone after it was taken over. */
  readonly engineTimeoutMs: number;
  readonly log: (
    level: 'info' | 'warn' | 'error',
    message: string,
    details?: Readonly<Record<string, unknown>>,
  ) => void;
}
