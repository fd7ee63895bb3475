import type { ContentList } from '../domain/contentOf.js';

/** Content that must stay, and what for. */
export interface Need extends ContentList {
  /** For people: `shop runs it`. */
  readonly because: string;
}
