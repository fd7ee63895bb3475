import { together } from './together.js';

/**
 * Works on all of them, at most `atOnce` at the same time and begun in their order; answers in their order. When one fails no other is begun, and
 * what is under way is waited for. Fails as the first that did.
 */
export async function severalAtOnce<One, Answer>(
  atOnce: number,
  all: readonly One[],
  work: (one: One, index: number) => Promise<Answer>,
): Promise<readonly Answer[]> {
  const answers: Answer[] = [];
  const waiting = [...all.entries()];
  const take = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [index, one] = next;
      answers[index] = await work(one, index);
    }
  };
  await together(
    Array.from({ length: Math.min(atOnce, all.length) }, () =>
      take().catch((error: unknown) => {
        waiting.length = 0;
        throw error;
      }),
    ),
  );
  return answers;
}
