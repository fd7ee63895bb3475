import type { AcceptedPackageView, PersonView } from './trust.js';

export interface TemplateView {
  readonly key: string;
  readonly name: string;
  readonly registered: string;
  readonly versions: number;
  readonly latest?: string;
}

export interface VersionView {
  readonly template: string;
  readonly version: string;
  readonly name: string;
  readonly manifestDigest: string;
  readonly components: number;
  readonly bytes: number;
  readonly notices: number;
  readonly released?: string;
  readonly releasedBy?: PersonView;
  readonly withdrawn?: WithdrawnView;
  readonly at: string;
  readonly by: PersonView;
  readonly origin: {
    readonly kind: 'published' | 'imported';
    readonly notes?: string;
    readonly registry?: readonly { readonly reference: string; readonly digest: string }[];
    readonly instance?: { readonly name: string };
    readonly format?: string;
    /** Absent: nobody signed the package. */
    readonly publisher?: { readonly name: string };
    readonly accepted?: AcceptedPackageView;
    readonly published?: string;
    readonly file?: { readonly name: string; readonly digest: string };
  };
}

export interface WithdrawnView {
  readonly reason: string;
  readonly at: string;
  readonly by: 'here' | 'publisher';
  readonly account?: PersonView;
}

export interface AttachedSbomView {
  readonly image: string;
  readonly digest: string;
  readonly changed: boolean;
}

export interface StandingView {
  readonly template: string;
  readonly version: string;
  readonly withdrawn?: string;
  readonly changed: boolean;
}

export interface VersionDetailsView extends VersionView {
  readonly manifest: { readonly components: readonly { readonly key: string; readonly name: string }[] };
  readonly images: readonly {
    readonly config: string;
    readonly bytes: number;
    readonly os: string;
    readonly architecture: string;
    readonly components: readonly string[];
    readonly complete: boolean;
    readonly sboms: readonly { readonly digest: string; readonly size: number; readonly at: string }[];
  }[];
  readonly difference?: { readonly from: string; readonly changes: DifferenceView };
}

export interface AttributeDifferenceView {
  readonly item: string;
  readonly kind: 'added' | 'removed' | 'changed';
  readonly before?: unknown;
  readonly after?: unknown;
}

export interface DifferenceView {
  readonly template: readonly AttributeDifferenceView[];
  readonly components: readonly {
    readonly key: string;
    readonly name: string;
    readonly kind: 'added' | 'removed' | 'changed';
    readonly attributes: readonly AttributeDifferenceView[];
  }[];
}

export interface PublishedView {
  readonly template: string;
  readonly version: string;
  readonly manifestDigest: string;
  readonly outcome: 'published' | 'already-present' | 'checked';
  readonly stored: { readonly layers: number; readonly bytes: number };
  readonly notices: readonly NoticeView[];
  readonly difference?: { readonly from: string; readonly changes: DifferenceView };
  readonly left?: readonly string[];
  readonly waiting?: readonly string[];
  readonly notesKept?: boolean;
  readonly withdrawn?: string;
}

export interface NoticeView {
  readonly code: string;
  readonly subject: string;
  readonly message: string;
}
