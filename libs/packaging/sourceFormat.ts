/**
 * What the author of a version wrote: `metadata.json` of the reference system, a Compose file with what belongs to it, or one of these with values
 * that were in effect somewhere.
 */
export type SourceFormat = 'ram' | 'compose' | 'amended';

const FORMATS: readonly string[] = ['ram', 'compose', 'amended'] satisfies readonly SourceFormat[];

export const isSourceFormat = (text: string | undefined): text is SourceFormat =>
  text !== undefined && FORMATS.includes(text);
