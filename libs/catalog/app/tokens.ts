/** Under these the module's parts are injected. */
export const CATALOG_DEPENDENCIES = Symbol('catalog dependencies');
export const CATALOG_PROGRESS = Symbol('catalog progress');
export const CATALOG_READER = Symbol('catalog reader');
export const EXPORT_PROCESS = Symbol('export process');
export const EXPORTS = Symbol('exports');
export const IMPORT_PROCESS = Symbol('import process');
export const IMPORTS = Symbol('imports');
export const PUBLICATIONS = Symbol('publications');
