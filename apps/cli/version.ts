import { readFileSync } from 'node:fs';

/** The version of this program, from its package: beside the sources, or one folder above what was compiled. */
export const cliVersion: string = ['./package.json', '../package.json'].map(versionIn).find(Boolean) ?? 'unknown';

function versionIn(place: string): string | undefined {
  try {
    const { name, version } = JSON.parse(readFileSync(new URL(place, import.meta.url), 'utf8')) as {
      readonly name?: string;
      readonly version?: string;
    };
    return name === '@waybill/cli' ? version : undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
