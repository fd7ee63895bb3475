// Where commits are kept: a file with one line of JSON per commit, or the memory of this process.
import { closeSync, mkdirSync, openSync, readFileSync, truncateSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/**
 * A commit is what one append wrote, all or nothing: {events: [{stream, revision, position, id, type, contentType, created, data, metadata}]}.
 * A line that a kill tore is cut off, as the server does with an unfinished record at the end of its log.
 * @param {string} folder
 */
export function fileOf(folder) {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, 'log.jsonl');
  let handle;
  return {
    load() {
      handle = openSync(path, 'a+');
      const bytes = readFileSync(path);
      const end = bytes.lastIndexOf(10) + 1;
      if (end < bytes.length) truncateSync(path, end);
      return linesOf(bytes.subarray(0, end)).map(parseCommit);
    },
    save: (events) => writeSync(handle, `${formatCommit(events)}\n`),
    close() {
      if (handle !== undefined) closeSync(handle);
      handle = undefined;
    },
  };
}

/** A log that lives as long as this process does, through any number of restarts of the server in it. */
export function memoryLog() {
  const commits = [];
  return { load: () => [...commits], save: (events) => commits.push(events), close: () => undefined };
}

function linesOf(bytes) {
  const lines = [];
  for (let start = 0; start < bytes.length;) {
    const end = bytes.indexOf(10, start);
    lines.push(bytes.toString('utf8', start, end));
    start = end + 1;
  }
  return lines;
}

const formatCommit = (events) =>
  JSON.stringify(
    events.map(({ revision, position, data, metadata, ...rest }) => ({
      ...rest,
      revision: String(revision),
      position: String(position),
      data: data.toString('base64'),
      metadata: metadata.toString('base64'),
    })),
  );

const parseCommit = (line) =>
  JSON.parse(line).map(({ revision, position, data, metadata, ...rest }) => ({
    ...rest,
    revision: BigInt(revision),
    position: BigInt(position),
    data: Buffer.from(data, 'base64'),
    metadata: Buffer.from(metadata, 'base64'),
  }));
