/** The arrows of the architecture. apps → contexts → capabilities → event-store → kernel; contexts never import each other. */
const contexts = ['catalog', 'delivery', 'ledger', 'access'];
const capabilities = ['packaging', 'content-store', 'runtime'];
const lib = (names) => `^libs/(${names.join('|')})/`;

module.exports = {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'kernel-imports-nothing-of-ours',
      severity: 'error',
      from: { path: '^libs/kernel/' },
      to: { path: '^(libs/(?!kernel/)|apps/)' },
    },
    {
      name: 'event-store-imports-kernel-only',
      severity: 'error',
      from: { path: '^libs/event-store/' },
      to: { path: '^(libs/(?!kernel/|event-store/)|apps/)' },
    },
    {
      name: 'capabilities-do-not-know-contexts',
      severity: 'error',
      from: { path: lib(capabilities) },
      to: { path: `${lib(contexts)}|^apps/` },
    },
    {
      name: 'contexts-do-not-import-each-other',
      severity: 'error',
      from: { path: '^libs/(catalog|delivery|ledger|access)/' },
      to: { path: lib(contexts), pathNot: '^libs/$1/' },
    },
    { name: 'libs-do-not-import-apps', severity: 'error', from: { path: '^libs/' }, to: { path: '^apps/' } },
    {
      name: 'domain-imports-no-framework-and-no-io',
      severity: 'error',
      from: { path: '^libs/[^/]+/domain/', pathNot: '\\.spec\\.ts$' },
      to: {
        path: '^(node_modules/(@nestjs|dockerode|libsql|class-validator|rxjs|express)|fs|net|http|https|child_process|libs/(content-store|runtime)/(?!index))',
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'packages-are-entered-by-their-index',
      severity: 'error',
      from: { path: '^(libs|apps)/([^/]+)/', pathNot: '\\.spec\\.ts$' },
      to: { path: '^libs/([^/]+)/.+', pathNot: '^libs/$2/|^libs/[^/]+/(index|testing/index)\\.ts$' },
    },
    {
      name: 'products-do-not-import-tests',
      severity: 'error',
      from: { path: '^(libs|apps)/', pathNot: '\\.spec\\.ts$|/testing/' },
      to: { path: '(^test/|/testing/|\\.spec\\.ts$)' },
    },
    {
      name: 'one-place-for-sqlite',
      severity: 'error',
      from: { pathNot: '^libs/event-store/sqlite/|\\.spec\\.ts$' },
      to: { path: 'node_modules/libsql' },
    },
    {
      name: 'one-place-for-the-eventstoredb-client',
      severity: 'error',
      from: { path: '^(libs|apps)/', pathNot: '^libs/event-store/eventstoredb/|\\.spec\\.ts$' },
      to: { path: 'node_modules/@eventstore' },
    },
    {
      name: 'one-place-for-dockerode',
      severity: 'error',
      from: { path: '^(libs|apps)/', pathNot: '^libs/runtime/docker/|\\.spec\\.ts$' },
      to: { path: 'node_modules/dockerode' },
    },
    { name: 'not-to-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)dist/' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      conditionNames: ['@waybill/source', 'import', 'node', 'default'],
      extensions: ['.ts', '.js', '.mjs', '.json'],
    },
  },
};
