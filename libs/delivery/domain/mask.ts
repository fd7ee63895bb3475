const MASK = '•••';
/** Shorter ones would turn every log into stars and tell the secret by what is missing. */
const SHORTEST = 4;

/** Hides secrets in a text: as they are, URL-encoded, and inside base64 at any offset. */
export function mask(text: string, secrets: readonly string[]): string {
  const forms = new Set(secrets.filter((secret) => secret.length >= SHORTEST).flatMap(formsOf));
  // Longest first, so that a form that contains another is not left half shown.
  return [...forms].sort((a, b) => b.length - a.length).reduce((masked, form) => masked.replaceAll(form, MASK), text);
}

const formsOf = (secret: string): readonly string[] =>
  [secret, encodeURIComponent(secret), ...[0, 1, 2].map((offset) => base64At(secret, offset))].filter(
    (form) => form.length >= SHORTEST,
  );

/** The characters of a base64 text that depend on the secret alone when it stands `offset` bytes after a group's beginning. */
function base64At(secret: string, offset: number): string {
  const bytes = Buffer.from(secret, 'utf8');
  const encoded = Buffer.concat([Buffer.alloc(offset), bytes])
    .toString('base64')
    .replaceAll('=', '');
  const from = Math.ceil((offset * 8) / 6);
  const to = Math.floor(((offset + bytes.length) * 8) / 6);
  return encoded.slice(from, to);
}
