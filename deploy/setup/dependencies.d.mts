export function checkNodeVersion(version?: string): void;
export function whyDependenciesAreStale(root: string): string | undefined;
