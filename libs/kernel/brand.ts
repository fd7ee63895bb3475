declare const brand: unique symbol;

/** A value of type `T` that only its own constructor may make, so that one kind of id cannot pass for another. */
export type Brand<T, Name extends string> = T & { readonly [brand]: Name };
