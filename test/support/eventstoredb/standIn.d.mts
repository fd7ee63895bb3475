/** A running stand-in; every method resolves when the order is in force. Positions, ids and errors are those of the protocol. */
export interface StandIn {
  readonly port: number;
  /** `esdb://127.0.0.1:<port>?tls=false`, with users `?tls=true&tlsCAFile=…`; stays the same across restarts. Holds no password. */
  readonly connectionString: string;
  /** Ends it as SIGKILL would: every connection is cut, what was not committed is lost, the port is free. */
  kill(): Promise<void>;
  /** Starts it again on its port with its data (killing it first if it runs). Like a genuine server it has then forgotten the ids of appends made with `any`. */
  restart(): Promise<void>;
  /** Ends it for good. */
  stop(): Promise<void>;
  /** Cuts all connections; the server stays up. */
  cutConnections(): Promise<void>;
  /** Nothing is answered, no connection is closed: as under SIGSTOP. */
  freeze(): Promise<void>;
  thaw(): Promise<void>;
  /** Every answer comes that many milliseconds later; appends are committed at once. 0 ends it. */
  delay(ms: number): Promise<void>;
  /** Of the next appends that are committed, the answers get lost: in silence, or with all connections cut. */
  dropNextAnswers(count: number, how?: 'silence' | 'cut'): Promise<void>;
  /** Writes are refused as by a node without a leader (client: `UnknownError`); reads go on. */
  readOnly(on: boolean): Promise<void>;
  /** Writes are refused with the leader's address (client: `NotLeaderError`, which then turns to that address). Undefined ends it. */
  notLeader(leader: { readonly host: string; readonly port: number } | undefined): Promise<void>;
  /** How many live events may wait for a subscriber before it is dropped as too slow; 128 unless told. */
  liveBuffer(events: number): Promise<void>;
}

/**
 * Starts a stand-in in this process. Without a folder its data lives as long as the returned object; without a port it takes a free one.
 * With users (name to password) it speaks TLS, and denies callers that it does not know.
 */
export function startStandIn(options?: {
  readonly port?: number;
  readonly folder?: string;
  readonly users?: Readonly<Record<string, string>>;
}): Promise<StandIn>;
