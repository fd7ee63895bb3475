import type { SecretPart, Text } from '@waybill/kernel';

/** `**None**`: a generated value of this text's own; `**None:group**`: one that all texts of the template hold which name the group. */
const PLACEHOLDER = /\*\*None(?::([^*]*))?\*\*/g;

/** Names of the secrets that a text asks for. @param own the name of its own one */
export const secretsIn = (text: string, own: string): readonly string[] =>
  [...text.matchAll(PLACEHOLDER)].map(([, group]) => nameOf(group, own));

/** The text with secrets in place of its placeholders. @param own the name of its own one */
export function withSecrets(text: string, own: string, secret: (name: string) => SecretPart): Text {
  const parts: (string | SecretPart)[] = [];
  let end = 0;
  for (const match of text.matchAll(PLACEHOLDER)) {
    parts.push(text.slice(end, match.index), secret(nameOf(match[1], own)));
    end = match.index + match[0].length;
  }
  if (end === 0) return text;
  return { parts: [...parts, text.slice(end)].filter((part) => part !== '') };
}

const nameOf = (group: string | undefined, own: string): string =>
  group === undefined || group === '' ? own : `group/${group}`;

/** Names of the secrets that are generated for one place alone. */
export const ownSecret = {
  variable: (component: string, name: string): string => `${component}/${name}`,
  file: (component: string, path: string): string => `${component}/file/${path}`,
  shared: (group: string, item: string): string => `shared/${group}/${item}`,
} as const;
