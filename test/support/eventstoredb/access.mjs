// A server with users: who calls without a name is denied, and so is a wrong password. How a genuine server words it over TLS was
// not observed; the statuses are those that the client turns into its AccessDeniedError.
import { grpc } from './protocol.mjs';

/** Wraps the handlers of a service so that each asks first who calls. Without users everyone may call, as on an insecure server. */
export function guarded(handlers, users) {
  if (users === undefined) return handlers;
  return Object.fromEntries(Object.entries(handlers).map(([name, handler]) => [name, guard(handler, users)]));
}

const guard = (handler, users) => (call, done) => {
  const failure = whyDenied(call.metadata.get('authorization')[0], users);
  if (failure === undefined) return handler(call, done);
  return done === undefined ? call.emit('error', failure) : done(failure);
};

function whyDenied(authorization, users) {
  if (authorization === undefined) {
    const metadata = new grpc.Metadata();
    metadata.set('exception', 'access-denied');
    return Object.assign(new Error('Access Denied'), {
      code: grpc.status.PERMISSION_DENIED,
      details: 'Access Denied',
      metadata,
    });
  }
  const [name, password] = Buffer.from(String(authorization).replace(/^Basic /, ''), 'base64')
    .toString('utf8')
    .split(':');
  if (Object.hasOwn(users, name) && users[name] === password) return undefined;
  return Object.assign(new Error('Unauthenticated'), {
    code: grpc.status.UNAUTHENTICATED,
    details: 'Unauthenticated',
  });
}
