const LINE = 70;

/** A PEM-like block as OpenSSH writes it: base64 in lines of 70 between two marks. */
export function armoured(label: string, content: Buffer): string {
  const lines = content.toString('base64').match(new RegExp(`.{1,${LINE}}`, 'g')) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n');
}

/** The content of such a block, or `undefined` when the text is none of that label. Nothing may stand before or after it. */
export function unarmoured(label: string, text: string): Buffer | undefined {
  const block = new RegExp(`^-----BEGIN ${label}-----\\r?\\n([A-Za-z0-9+/=\\r\\n]+)-----END ${label}-----\\s*$`).exec(
    text,
  );
  return block?.[1] === undefined ? undefined : strictBase64(block[1].replaceAll(/[\r\n]/g, ''));
}

/** Base64 in its one spelling: what decodes alike in two spellings could be changed without being seen. */
export function strictBase64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? bytes : undefined;
}
