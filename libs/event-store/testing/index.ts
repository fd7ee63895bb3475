export { deciderSpecification, type DeciderSpecification } from './deciderSpecification.js';
