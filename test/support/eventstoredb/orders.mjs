// What the stand-in was told to do wrong. Kept across restarts of the server, as a fault of its surroundings would be.

/** @param {{ cut(): void }} connections */
export function makeOrders(connections) {
  let delayMs = 0;
  let drops = 0;
  let dropHow = 'silence';
  let leader;
  let follows = false;
  const timers = new Set();

  function later(ms, act) {
    const timer = setTimeout(() => {
      timers.delete(timer);
      act();
    }, ms);
    timers.add(timer);
  }

  return {
    liveBuffer: 128,
    delay: (ms) => void (delayMs = ms),
    dropNextAnswers(count, how = 'silence') {
      drops = count;
      dropHow = how;
    },
    /** Writes are refused as by a node that follows a leader it does not know. */
    readOnly(on) {
      follows = on;
      leader = undefined;
    },
    /** Writes are refused as by a follower that names its leader. */
    notLeader(endpoint) {
      follows = endpoint !== undefined;
      leader = endpoint;
    },
    refusal: () => (follows ? { verdict: leader ? 'not-leader' : 'no-leader', leader } : undefined),
    /** Should this answer get lost? Counts down. */
    dropsAnswer() {
      if (drops === 0) return false;
      drops -= 1;
      if (dropHow === 'cut') connections.cut();
      return true;
    },
    answer: (act) => (delayMs === 0 ? act() : later(delayMs, act)),
    later,
    /** What was under way dies with the server. */
    forget() {
      for (const timer of timers) clearTimeout(timer);
      timers.clear();
    },
  };
}
