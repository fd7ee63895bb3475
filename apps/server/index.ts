export { readConfiguration, type Configuration } from './config/configuration.js';
export { startServer, type RunningServer } from './server.js';
