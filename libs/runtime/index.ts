export { dockerRuntime, type DockerRuntimeOptions } from './docker/dockerRuntime.js';
export type { EngineEnvironment } from './docker/engineAddress.js';
export * from './runtime.js';
