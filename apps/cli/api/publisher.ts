import type { TrustedPublisherView } from './trust.js';

export interface PublisherView extends TrustedPublisherView {
  /** The key that signs. */
  readonly key: string;
  readonly roots: readonly unknown[];
}

export interface AdvancedPublisherView {
  readonly publisher: PublisherView;
  readonly changed: boolean;
}
