import { get } from 'node:http';
import { setTimeout } from 'node:timers/promises';

/** The text that an HTTP server on this machine answers with. */
export function answer(port: number, timeout = 1000): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = get({ host: '127.0.0.1', port, agent: false, signal: AbortSignal.timeout(timeout) }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (piece: string) => (text += piece));
      response.on('end', () => resolve(text));
      response.on('error', reject);
    });
    request.on('error', reject);
  });
}

export interface Watch {
  last(): string;
  stop(): Promise<{ readonly longestGap: number; readonly answers: number }>;
}

/** Asks a port over and over, each time on a connection of its own, and measures the longest time without an answer. */
export function watchPort(port: number): Watch {
  let text = '';
  let answers = 0;
  let isOn = true;
  let lastAt = performance.now();
  let longestGap = 0;
  const asking = (async () => {
    while (isOn) {
      try {
        text = await answer(port, 200);
        const now = performance.now();
        longestGap = Math.max(longestGap, now - lastAt);
        lastAt = now;
        answers += 1;
      } catch {
        // A missed answer is what is being measured.
      }
      await setTimeout(2);
    }
  })();
  return {
    last: () => text,
    stop: async () => {
      isOn = false;
      await asking;
      return { longestGap, answers };
    },
  };
}
