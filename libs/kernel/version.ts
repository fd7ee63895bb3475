export interface ParsedVersion {
  readonly text: string;
}
