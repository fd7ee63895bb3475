type Simplify<T> = { [K in keyof T]: T[K] };

/** An object whose members that could be `undefined` are left out instead: what `exactOptionalPropertyTypes` and canonical JSON want. */
export type WithoutUndefined<T> = Simplify<
  { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
    [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
  }
>;

/** A copy of the object without the members that are `undefined`. */
export function withoutUndefined<T extends object>(object: T): WithoutUndefined<T> {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as WithoutUndefined<T>;
}
