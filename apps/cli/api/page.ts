/** One page of a list; without `next` it is the last. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly next?: string;
}
