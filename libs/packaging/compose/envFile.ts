import { interpolate, type Interpolated, type Variables } from './interpolate.js';

/** One line of an environment file. */
export interface EnvLine {
  readonly name: string;
  readonly value: Interpolated;
}

const LINE = /^(?:export\s+)?(?<name>[A-Za-z_][\w.-]*)\s*(?:=\s*(?<value>.*))?$/s;
const plain = (text: string): Interpolated => ({ text, names: [], unset: [], secrets: [] });

/**
 * Reads an environment file as Compose does: `NAME=value`, comments, single quotes that keep all, double quotes with `\n` and variables.
 * A line that is none is told of by its number. `raw`: each line as it stands.
 */
export function readEnvFile(
  text: string,
  variables: Variables,
  wrong: (line: number) => void,
  raw = false,
): readonly EnvLine[] {
  const found: EnvLine[] = [];
  for (const [index, line] of text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .entries()) {
    const trimmed = line.trim();
    if (trimmed === '' || trimmed.startsWith('#')) continue;
    const { name, value = '' } = LINE.exec(trimmed)?.groups ?? {};
    const read = name === undefined ? undefined : raw ? plain(value) : valueOf(value, variables);
    if (name === undefined || read === undefined) wrong(index + 1);
    else found.push({ name, value: read });
  }
  return found;
}

function valueOf(text: string, variables: Variables): Interpolated | undefined {
  const single = /^'(?<inner>[^']*)'\s*(?:#.*)?$/.exec(text)?.groups?.['inner'];
  if (single !== undefined) return plain(single);
  const double = /^"(?<inner>(?:[^"\\]|\\.)*)"\s*(?:#.*)?$/.exec(text)?.groups?.['inner'];
  if (double !== undefined)
    return interpolate(
      double.replace(/\\(.)/g, (_, char: string) => ESCAPES[char] ?? char),
      variables,
    );
  if (/^['"]/.test(text)) return undefined;
  return interpolate(text.replace(/\s+#.*$/, '').trim(), variables);
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' };
