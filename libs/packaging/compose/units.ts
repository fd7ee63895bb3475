const UNITS: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  k: 1024,
  kb: 1024,
  m: 1024 ** 2,
  mb: 1024 ** 2,
  g: 1024 ** 3,
  gb: 1024 ** 3,
};

/** Bytes of `512m`, `1gb`, `1048576`; `undefined` for what is no size. */
export function bytesOf(text: string): number | undefined {
  const { number, unit = '' } =
    /^(?<number>\d{1,12}(?:\.\d{1,6})?)\s*(?<unit>[a-z]{0,2})$/.exec(text.toLowerCase())?.groups ?? {};
  const factor = UNITS[unit];
  return number === undefined || factor === undefined ? undefined : Math.ceil(Number(number) * factor);
}

const SECONDS: Readonly<Record<string, number>> = { us: 1e-6, ms: 1e-3, s: 1, m: 60, h: 3600 };

/** Seconds of `1m30s`, rounded up; `undefined` for what is no duration. */
export function secondsOf(text: string): number | undefined {
  if (!/^(?:\d{1,9}(?:\.\d{1,6})?(?:us|ms|s|m|h))+$/.test(text)) return undefined;
  const parts = [...text.matchAll(/(?<number>[\d.]+)(?<unit>us|ms|s|m|h)/g)];
  return Math.ceil(
    parts.reduce((sum, { groups }) => sum + Number(groups?.['number']) * (SECONDS[groups?.['unit'] ?? ''] ?? 0), 0),
  );
}

/** One word of a command line, quoted where a shell would split or read it. */
export const quoted = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
