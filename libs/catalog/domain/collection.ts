import type { ContentItem } from '@waybill/content-store';
import type { Decider } from '@waybill/event-store';
import type { CollectionId, ExportId } from '@waybill/kernel';
import type { CollectionBegun, CollectionEvent, ContentCollected } from './collectionEvents.js';

/** Content that nothing needs, sorted by digest. */
export interface CollectedContent extends ContentItem {
  /** Bytes on disk. */
  readonly size: number;
  /** Versions that name it, all of them on offer no more: `<template> <version>`. Sorted. */
  readonly versions: readonly string[];
}

/** A package that was exported, and is wanted no more. */
export interface CollectedExport {
  readonly id: ExportId;
  readonly name: string;
  /** Bytes on disk; 0 where an equal package has the same file. */
  readonly size: number;
  readonly because: string;
}

/** What a collection takes; a document. */
export interface CollectionList {
  readonly schema: 1;
  readonly content: readonly CollectedContent[];
  readonly exports: readonly CollectedExport[];
}

export interface Collections {
  /** Begun, and not ended; at most one. */
  readonly open?: CollectionBegun['data'];
  readonly ended: ReadonlyMap<CollectionId, ContentCollected['data']>;
}

export type CollectionCommand =
  | { readonly type: 'begin-collection'; readonly begun: CollectionBegun['data'] }
  | { readonly type: 'end-collection'; readonly collected: ContentCollected['data'] };

/** The rules of `collections`: one at a time, each ended once. */
export const collectionDecider: Decider<Collections, CollectionCommand, CollectionEvent> = {
  decide(command, state) {
    switch (command.type) {
      case 'begin-collection':
        return state.open === undefined ? [{ type: 'collection-begun', data: command.begun }] : [];
      case 'end-collection':
        return state.open?.collection === command.collected.collection
          ? [{ type: 'content-collected', data: command.collected }]
          : [];
    }
  },
  evolve(state, event) {
    switch (event.type) {
      case 'collection-begun':
        return { ...state, open: event.data };
      case 'content-collected':
        return { ended: new Map([...state.ended, [event.data.collection, event.data]]) };
    }
  },
  initialState: () => ({ ended: new Map() }),
};

/** In numbers, as the events say it. */
export const amountsOf = ({ content, exports }: CollectionList) => ({
  layers: content.filter(({ kind }) => kind === 'layer').length,
  blobs: content.filter(({ kind }) => kind === 'blob').length,
  exports: exports.length,
  bytes: [...content, ...exports].reduce((sum, { size }) => sum + size, 0),
});
