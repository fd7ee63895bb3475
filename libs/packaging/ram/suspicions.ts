const LOOPBACK = /(?<![\w.-])(?:127\.0\.0\.1|localhost):\d{1,5}(?!\d)/i;
const LOOPBACK_ALONE =
  /^(?:[a-z][a-z0-9+.:-]{0,30}:\/\/)?(?:[^\s@/]{0,200}@)?(?<host>127\.0\.0\.1|localhost)(?:\/\S*)?$/i;
const URL_PASSWORD = /:\/\/[^\s/:@]{0,100}:(?<secret>[^\s/@]{1,100})@/g;
const OPTION =
  /(?<![\w-])--?(?:password|passwd|passphrase|secret|token|api-?key)[= ](?<secret>[^\s"']{1,100}|"[^"]{1,100}"|'[^']{1,100}')/gi;
const PRIVATE_KEY = /-----BEGIN (?:[A-Z]+ ){0,2}PRIVATE KEY-----/;
/** A variable, or the placeholder of a generated value. */
const LATER = /\$\{?\w|\*\*None/;
const PLACEHOLDER = /\*\*None(?::[^*]*)?\*\*/;
/** A text that is nothing but the placeholder of a secret; all of one `group` of a template hold the same. */
export const SECRET = /^\*\*None(?::(?<group>[^*]*))?\*\*$/;
const ANYWHERE = /PASSWORD|PASSWD|PASSPHRASE|SECRET|CREDENTIAL/i;
const LAST_WORD = /(?:^|[_.-])(?:PASS|PWD|TOKEN|KEY|APIKEY)$/i;
const LAST_CAMEL_WORD = /[a-z0-9](?:Pass|Pwd|Token|Key)$/;
// Repetitions are bounded, or a long word would take time by its square.
const LINE =
  /^[\t "']*[\w.-]{0,99}(?:password|passwd|passphrase|secret)[\w.-]{0,99}["']?[\t ]*[:=][\t ]*["']?[^\s"'#;,]/im;
/** Values that are no secret whatever they are called: switches, and what is put in only later. */
const HARMLESS = /^(?:|true|false|yes|no|on|off|null|none|\$\{[^}]*\})$/i;

/** The first `127.0.0.1:port` or `localhost:port` in a text: in the reference system's mesh, where providers are found. */
export const loopbackIn = (text: string): string | undefined => LOOPBACK.exec(text)?.[0];

/** A text that is nothing but this machine's address, as a host or in a URL: `127.0.0.1`, `http://localhost/`. */
export const loopbackAlone = (text: string): string | undefined => LOOPBACK_ALONE.exec(text.trim())?.groups?.['host'];

/** This machine's address, as another component would be called by it: with a port anywhere in a text, or as all of the text. */
export const loopbackOf = (text: string): string | undefined => loopbackIn(text) ?? loopbackAlone(text);

/** Is a password in a URL, an option of a command that sets one, or a private key in the text? What is put in only later is none. */
export const holdsCredentials = (text: string): boolean =>
  PRIVATE_KEY.test(text) ||
  [URL_PASSWORD, OPTION].some((pattern) =>
    [...text.matchAll(pattern)].some(({ groups }) => !LATER.test(groups?.['secret'] ?? '')),
  );

/** Does a variable of this name with this value give a secret away? */
export const namesSecret = (name: string, value: string): boolean =>
  [ANYWHERE, LAST_WORD, LAST_CAMEL_WORD].some((pattern) => pattern.test(name)) &&
  !/_?(?:FILE|PATH|DIR)$/i.test(name) &&
  !HARMLESS.test(value.trim());

/** Is the text nothing but the placeholder of a secret? */
export const isPlaceholder = (text: string): boolean => SECRET.test(text.trim());

/** Is the placeholder of a secret in the text? */
export const holdsPlaceholder = (text: string): boolean => PLACEHOLDER.test(text);

/** Does a config file set something called a password or secret? */
export const holdsSecret = (content: string): boolean => LINE.test(content);
