import { WaybillError } from './errors.js';

/**
 * Splits a command line into words as a POSIX shell does: blanks separate, '…' is literal, "…" knows \" \\ \$ \` and a joined line,
 * a backslash takes the next character. Nothing is expanded, and `&&`, `|`, `>` are ordinary words: no shell runs.
 * @throws WaybillError `template-invalid` when a quote stays open or a backslash stands at the end
 */
export function commandWords(line: string): readonly string[] {
  const words: string[] = [];
  let word: string | undefined;
  let at = 0;
  const take = (text: string): void => {
    word = (word ?? '') + text;
  };
  while (at < line.length) {
    const char = line.charAt(at);
    if (/\s/.test(char)) {
      if (word !== undefined) words.push(word);
      word = undefined;
      at += 1;
    } else if (char === "'" || char === '"') {
      const quoted = char === "'" ? singleQuoted(line, at) : doubleQuoted(line, at);
      take(quoted.text);
      at = quoted.end;
    } else if (char === '\\') {
      if (at + 1 === line.length) throw open(line, 'a backslash stands at the end');
      if (line.charAt(at + 1) !== '\n') take(line.charAt(at + 1));
      at += 2;
    } else {
      take(char);
      at += 1;
    }
  }
  if (word !== undefined) words.push(word);
  return words;
}

interface Quoted {
  readonly text: string;
  /** Index after the closing quote. */
  readonly end: number;
}

function singleQuoted(line: string, start: number): Quoted {
  const end = line.indexOf("'", start + 1);
  if (end === -1) throw open(line, 'a single quote is not closed');
  return { text: line.slice(start + 1, end), end: end + 1 };
}

function doubleQuoted(line: string, start: number): Quoted {
  let text = '';
  for (let at = start + 1; at < line.length; at += 1) {
    const char = line.charAt(at);
    if (char === '"') return { text, end: at + 1 };
    const next = line.charAt(at + 1);
    if (char === '\\' && '"\\$`\n'.includes(next) && next !== '') {
      if (next !== '\n') text += next;
      at += 1;
    } else {
      text += char;
    }
  }
  throw open(line, 'a double quote is not closed');
}

const open = (line: string, what: string): WaybillError =>
  new WaybillError('template-invalid', { reason: `${what} in the command ${JSON.stringify(line)}.` });
