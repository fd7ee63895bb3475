/** A value that stands in `.env`, and nowhere else in the package. */
export type Variable = {
  readonly name: string;
  /** What it is for, for people. */
  readonly meaning: string;
} & (
  | { readonly kind: 'secret' }
  /** What a site may set; without it `fallback` holds. */
  | { readonly kind: 'value'; readonly fallback: string }
);

/** Names that programs read which the site's shell or Compose itself would start. */
const RESERVED = /^(?:\d|(?:COMPOSE|DOCKER|BUILDKIT|HTTPS?|FTP|ALL|NO|LD|LC|SSH|XDG|GODEBUG|SSL)_)/;

/** Gives every variable its name: upper-case letters, digits and underscores, each once. */
export function variableNames(): (...parts: readonly string[]) => string {
  const taken = new Set<string>();
  return (...parts) => {
    const plain = parts
      .map((part) =>
        part
          .toUpperCase()
          .replaceAll(/[^A-Z0-9]+/g, '_')
          .replaceAll(/^_|_$/g, ''),
      )
      .filter((part) => part !== '')
      .join('_');
    const wanted = plain === '' || RESERVED.test(plain) ? `APP_${plain}` : plain;
    let name = wanted;
    for (let n = 2; taken.has(name); n += 1) name = `${wanted}_${String(n)}`;
    taken.add(name);
    return name;
  };
}

/** Both generations of Compose read such a value in `.env`, and as what is put in where it is not set, as it stands. */
export const isPlain = (text: string): boolean =>
  !/[\p{Cc}'"$`#\\{}]/u.test(text) && text === text.trim() && !text.includes('**None');
