import type { SecretPart, Text } from '@waybill/kernel';

type Part = string | SecretPart;

/** `${NAME}` and `${NAME:default}`; the default ends at the closing brace and may hold colons. */
const VARIABLE = /\$\{([A-Za-z_][A-Za-z0-9_.-]*)(?::([^}]*))?\}/g;

/**
 * Puts the values of variables into a text. A name without value or default is left as it stands, and so is one that refers to itself,
 * directly or in a round.
 * @param of the variable whose own text it is
 */
export function substitute(text: Text, variables: ReadonlyMap<string, Text>, of?: string): Text {
  return joined(expand(partsOf(text), variables, of === undefined ? [] : [of]));
}

export const partsOf = (text: Text): readonly Part[] => (typeof text === 'string' ? [text] : text.parts);

function expand(
  parts: readonly Part[],
  variables: ReadonlyMap<string, Text>,
  within: readonly string[],
): readonly Part[] {
  return parts.flatMap((part) => (typeof part === 'string' ? expandString(part, variables, within) : [part]));
}

function expandString(text: string, variables: ReadonlyMap<string, Text>, within: readonly string[]): readonly Part[] {
  const parts: Part[] = [];
  let end = 0;
  for (const match of text.matchAll(VARIABLE)) {
    const [whole, name = '', fallback] = match;
    const value = within.includes(name) ? undefined : variables.get(name);
    parts.push(text.slice(end, match.index));
    if (value !== undefined) parts.push(...expand(partsOf(value), variables, [...within, name]));
    else parts.push(fallback ?? whole);
    end = match.index + whole.length;
  }
  parts.push(text.slice(end));
  return parts;
}

/** Neighbouring strings are put together; a text without secrets is a plain string. */
function joined(parts: readonly Part[]): Text {
  const result: Part[] = [];
  for (const part of parts) {
    const last = result.at(-1);
    if (typeof part === 'string' && typeof last === 'string') result[result.length - 1] = last + part;
    else if (part !== '') result.push(part);
  }
  if (result.length === 0) return '';
  const [only] = result;
  return result.length === 1 && typeof only === 'string' ? only : { parts: result };
}
