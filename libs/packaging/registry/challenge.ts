/** How a registry wants to be shown who asks. */
export type Challenge =
  { readonly kind: 'basic' } | { readonly kind: 'bearer'; readonly realm: string; readonly service?: string };

/** Reads `WWW-Authenticate`; tokens go before passwords where both are asked for. `undefined`: neither is. */
export function challengeIn(header: string | null): Challenge | undefined {
  const bearer = /(?:^|,)\s*Bearer\s+(.*)$/is.exec(header ?? '')?.[1];
  if (bearer !== undefined) {
    const said = new Map(
      [...bearer.matchAll(/(\w+)=(?:"([^"]*)"|([^\s,"]+))/g)].map(
        ([, name = '', quoted, plain]) => [name.toLowerCase(), quoted ?? plain ?? ''] as const,
      ),
    );
    const [realm, service] = [said.get('realm'), said.get('service')];
    if (realm !== undefined) return { kind: 'bearer', realm, ...(service === undefined ? {} : { service }) };
  }
  return /(?:^|,)\s*Basic\b/i.test(header ?? '') ? { kind: 'basic' } : undefined;
}
