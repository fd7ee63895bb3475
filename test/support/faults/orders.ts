/**
 * Where a server can be killed in an act, from the passings of a run in which it was not: before and after each thing that changes something,
 * and once before and after each kind of question. A question changes nothing, so what a death leaves behind is the same however often it is asked.
 * @returns orders for `obeyFailpoints`, in the order of the passings
 */
export function ordersOf(passings: readonly string[]): readonly string[] {
  const counts = new Map<string, number>();
  const orders: string[] = [];
  let changed: string | undefined;
  for (const passing of passings.filter((one) => !isByTheClock(one))) {
    const count = (counts.get(passing) ?? 0) + 1;
    counts.set(passing, count);
    if (isLook(passing)) {
      if (count === 1) orders.push(changed === undefined ? `${passing}#1` : `${changed} > ${passing}`);
    } else {
      changed = `${passing}#${String(count)}`;
      orders.push(changed);
    }
  }
  return orders;
}

const isLook = (passing: string): boolean => /^engine (GET |POST \/(exec|containers\/\{id\}\/exec))/.test(passing);

/** Comes when a time has passed, wherever the work is then: what is killed there is killed at its neighbours. */
const isByTheClock = (passing: string): boolean => passing.startsWith('append claim-renewed ');

/** The failpoint that a passing is of. */
export const nameOf = (passing: string): string => passing.replace(/ (before|after)$/, '');
