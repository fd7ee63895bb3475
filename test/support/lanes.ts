/**
 * Lets cases that run at once each have a lane to themselves, and one after another share it: as many are opened as there are cases at the same
 * time. A lane on which a case failed is not taken again.
 */
export function lanes<Lane>(open: () => Promise<Lane>): (work: (lane: Lane) => Promise<void>) => Promise<void> {
  const free: Lane[] = [];
  return async (work) => {
    const lane = free.pop() ?? (await open());
    await work(lane);
    free.push(lane);
  };
}
