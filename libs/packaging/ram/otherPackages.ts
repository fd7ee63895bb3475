import { WaybillError } from '@waybill/kernel';

/** What a file without metadata is, where its entries tell. */
export interface OtherPackage {
  readonly what: string;
  readonly advice: string;
}

const KNOWN: readonly (readonly [RegExp, OtherPackage])[] = [
  [
    /^[^/]+\/docker-compose\.ya?ml$/,
    {
      what: 'a docker-compose package',
      advice:
        'It runs with Docker Compose alone (see its README.txt), but cannot be imported; export the version as a waybill or ram package.',
    },
  ],
  [
    /^(manifest\.json|index\.json|oci-layout|repositories)$/,
    {
      what: 'an archive of images',
      advice: 'It carries images without a template; publish a template and give the archive as its images.',
    },
  ],
  [
    /(^|\/)Chart\.yaml$/,
    {
      what: 'a Helm package',
      advice: 'It is for Kubernetes and cannot be imported; export the application as a ram package.',
    },
  ],
  [
    /-slug\.tgz$/,
    {
      what: 'a package for machines without containers (slug)',
      advice: 'It cannot be imported; export the application as a ram package.',
    },
  ],
];

/** Watches the names of entries go by. */
export function otherPackages(): {
  see(name: string): void;
  found(): OtherPackage | undefined;
  /** @throws WaybillError `package-not-a-template` when one of them was seen */
  expectNone(file: string): void;
} {
  const seen = new Set<OtherPackage>();
  const found = () => KNOWN.map(([, other]) => other).find((other) => seen.has(other));
  return {
    see(name) {
      for (const [pattern, other] of KNOWN) if (pattern.test(name)) seen.add(other);
    },
    found,
    expectNone(file) {
      const other = found();
      if (other !== undefined) throw new WaybillError('package-not-a-template', { file, ...other });
    },
  };
}
