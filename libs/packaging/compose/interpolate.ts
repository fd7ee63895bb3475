import { isJsonList, isJsonObject, pointerStep, type JsonValue } from '../ram/json.js';

/** Where the values of variables come from: what the author's `.env` says, and which of them every instance generates. */
export interface Variables {
  readonly stated: ReadonlyMap<string, string>;
  readonly generated: ReadonlySet<string>;
}

/** A text with its variables put in. */
export interface Interpolated {
  readonly text: string;
  /** Every variable that it names, in order. */
  readonly names: readonly string[];
  /** Of these, the ones that have neither a value nor a default. */
  readonly unset: readonly string[];
  /** Of these, the ones whose value is generated: `**None:NAME**` stands for it. */
  readonly secrets: readonly string[];
}

const START = /\$(?:\$|(?<plain>[A-Za-z_]\w*)|\{(?<braced>[A-Za-z_]\w*)(?<operator>:?[-?+])?)/g;
const literal = (text: string): Interpolated => ({ text, names: [], unset: [], secrets: [] });

/**
 * Puts variables into a text by the rules of the Compose Specification: `$NAME`, `${NAME}`, `:-`, `-`, `:?`, `?`, `:+`, `+` (nested), `$$`.
 * `undefined`: a dollar sign stands where none may.
 */
export function interpolate(text: string, variables: Variables, depth = 0): Interpolated | undefined {
  if (depth > 8) return undefined;
  const parts: Interpolated[] = [];
  const from = new RegExp(START);
  let end = 0;
  const until = (index: number): boolean => {
    const before = text.slice(end, index);
    parts.push(literal(before));
    return !before.includes('$');
  };
  for (let match = from.exec(text); match !== null; match = from.exec(text)) {
    const put = until(match.index) ? partOf(text, match, variables, depth) : undefined;
    if (put === undefined) return undefined;
    parts.push(put.part);
    from.lastIndex = end = put.end;
  }
  if (!until(text.length)) return undefined;
  return {
    text: parts.map((part) => part.text).join(''),
    names: parts.flatMap(({ names }) => names),
    unset: parts.flatMap(({ unset }) => unset),
    secrets: parts.flatMap(({ secrets }) => secrets),
  };
}

/** One variable or `$$`, and where the text goes on. */
function partOf(
  text: string,
  match: RegExpExecArray,
  variables: Variables,
  depth: number,
): { readonly part: Interpolated; readonly end: number } | undefined {
  const { plain, braced, operator = '' } = match.groups ?? {};
  const start = match.index + match[0].length;
  if (match[0] === '$$') return { part: literal('$'), end: start };
  const close = braced === undefined ? start : closingBrace(text, start);
  if (close === undefined || (operator === '' && close !== start)) return undefined;
  const part = valueOf(plain ?? braced ?? '', operator, text.slice(start, close), variables, depth);
  return part && { part, end: braced === undefined ? close : close + 1 };
}

function valueOf(
  name: string,
  operator: string,
  word: string,
  { stated, generated }: Variables,
  depth: number,
): Interpolated | undefined {
  if (generated.has(name)) {
    const text = operator.endsWith('+') ? word : `**None:${name}**`;
    return { text, names: [name], unset: [], secrets: operator.endsWith('+') ? [] : [name] };
  }
  const value = stated.get(name);
  const has = value !== undefined && (value !== '' || !operator.startsWith(':'));
  const plain = (text: string, unset: readonly string[] = []) => ({ text, names: [name], unset, secrets: [] });
  const other = () => {
    const read = interpolate(word, { stated, generated }, depth + 1);
    return read && { ...read, names: [name, ...read.names] };
  };
  switch (operator.replace(':', '')) {
    case '-':
      return has ? plain(value) : other();
    case '+':
      return has ? other() : plain('');
    default:
      return has ? plain(value) : plain('', [name]);
  }
}

/** Where the brace closes that was opened before `from`, whatever is nested. */
function closingBrace(text: string, from: number): number | undefined {
  let depth = 1;
  for (let at = from; at < text.length; at++) {
    if (text.startsWith('${', at)) depth++;
    else if (text[at] === '}' && --depth === 0) return at;
  }
  return undefined;
}

/** A tree with its variables put in, and what each text that names any was made of, by JSON pointer. */
export interface InterpolatedTree {
  readonly tree: JsonValue;
  readonly marks: ReadonlyMap<string, Interpolated>;
}

/** @param wrong is told of every text with a dollar sign that no variable follows */
export function interpolateTree(value: JsonValue, variables: Variables, wrong: (at: string) => void): InterpolatedTree {
  const marks = new Map<string, Interpolated>();
  const read = (item: JsonValue, at: string): JsonValue => {
    if (typeof item === 'string') {
      const put = interpolate(item, variables);
      if (put === undefined) wrong(at);
      else if (put.names.length > 0) marks.set(at, put);
      return put?.text ?? item;
    }
    if (isJsonList(item)) return item.map((each, index) => read(each, `${at}/${index}`));
    if (!isJsonObject(item)) return item;
    const members = Object.create(null) as Record<string, JsonValue>;
    for (const [name, member] of Object.entries(item)) members[name] = read(member, at + pointerStep(name));
    return members;
  };
  return { tree: read(value, ''), marks };
}
