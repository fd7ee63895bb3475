const UNITS = ['bytes', 'kB', 'MB', 'GB', 'TB'];

/** 1234567 → `1.2 MB`. */
export function bytesText(bytes: number): string {
  let amount = bytes;
  let unit = 0;
  while (amount >= 999.5 && unit < UNITS.length - 1) {
    amount /= 1000;
    unit += 1;
  }
  const digits = unit === 0 || amount >= 99.95 ? 0 : 1;
  return `${amount.toFixed(digits)} ${UNITS[unit] ?? ''}`;
}

/** `1 change`, `2 changes`. */
export const counted = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`;

/** Digests are long; their first twelve digits tell them apart for people. */
export const shortDigest = (digest: string): string => digest.slice(0, 'sha256:'.length + 12);

/** `2026-03-01T10:20:30.123Z` → `2026-03-01 10:20:30Z`. */
export const timeText = (instant: string | undefined): string =>
  instant === undefined ? '' : instant.replace('T', ' ').replace(/\.\d+/, '');

/** 45 → `45 s`, 90 → `1 min 30 s`, 7300 → `2 h 2 min`. */
export function secondsText(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}
