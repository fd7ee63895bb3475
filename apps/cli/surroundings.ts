/** What a command finds around it; given, so that commands can be tested without a terminal and a clock. */
export interface Surroundings {
  readonly terminal: Terminal;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly workingFolder: string;
  readonly fetch: typeof fetch;
  readonly randomId: () => string;
  /** Milliseconds that only go forward. */
  readonly now: () => number;
  /** Resolves early, without an error, when the signal is given. */
  readonly pause: (ms: number, signal?: AbortSignal) => Promise<void>;
  /** Calls back when the person interrupts (Ctrl-C), until the returned function is called; without a listener that ends the program. */
  readonly onInterrupt: (listener: () => void) => () => void;
}

export interface Terminal {
  /** Results: standard output. */
  out(text: string): void;
  /** Progress and failures: standard error. */
  err(text: string): void;
  /** Can a person be asked? */
  readonly interactive: boolean;
  /** Width of the terminal that progress goes to; undefined when it is none. */
  readonly columns: number | undefined;
  ask(question: string): Promise<string>;
}
