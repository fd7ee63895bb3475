/** Waits for all of them, also when one fails: what works on the same files must not go on when its caller has given up. Fails as the first that did. */
export async function together<T extends readonly unknown[]>(work: {
  readonly [Index in keyof T]: Promise<T[Index]>;
}): Promise<T> {
  const settled = Promise.allSettled(work);
  try {
    return await Promise.all(work);
  } finally {
    await settled;
  }
}
