/** What the command line exits with; design §8. */
export type ExitCode = 1 | 2 | 3 | 4 | 5 | 6 | 7;

export interface ErrorEntry {
  /** HTTP status of the problem document. */
  readonly status:
    | 400
    | 401
    | 403
    | 404
    | 405
    | 406
    | 408
    | 409
    | 410
    | 412
    | 413
    | 414
    | 415
    | 416
    | 422
    | 428
    | 429
    | 431
    | 500
    | 502
    | 503
    | 507;
  readonly exit: ExitCode;
  /** One short line, the same for every occurrence. */
  readonly title: string;
  /** The sentence of one occurrence; `{places}` are filled from the error's details. */
  readonly message: string;
}

const entry = (status: ErrorEntry['status'], exit: ExitCode, title: string, message: string): ErrorEntry => ({
  status,
  exit,
  title,
  message,
});

/**
 * The one catalogue of errors. A code is a promise: it is never renamed and never given another meaning.
 * Each has a section in docs/errors.md; a test compares the two.
 */
export const catalogue = {
  // requests
  'invalid-request': entry(400, 2, 'The request is not valid', 'The request is not valid: {reason}'),
  'invalid-key': entry(
    400,
    2,
    'A key is not valid',
    'The {what} "{key}" is not valid: 1 to 127 letters, digits, dots, dashes or underscores, beginning with a letter or digit.',
  ),
  'invalid-digest': entry(
    400,
    2,
    'A digest is not valid',
    '"{text}" is not a digest: sha256: and 64 lower-case hex digits are expected.',
  ),
  'invalid-version': entry(
    422,
    3,
    'A version number is not valid',
    '"{version}" is not a version number: {reason} Name a number that orders, such as 1.4.0.',
  ),
  'invalid-name': entry(400, 2, 'A name is not valid', 'The name "{name}" is not valid: {reason}'),
  'not-canonical': entry(500, 1, 'A value cannot be stored', 'At {at} stands {found}, which has no canonical form.'),
  'body-too-large': entry(413, 2, 'The request is too large', 'The request is larger than {limit} bytes.'),
  'uri-too-long': entry(414, 2, 'The address is too long', 'The address is longer than {limit} characters.'),
  'range-not-satisfiable': entry(
    416,
    2,
    'There is no such range',
    'The file has {size} bytes; the range begins behind them.',
  ),
  'headers-too-large': entry(
    431,
    2,
    'The headers are too large',
    'The headers of the request are larger than this server reads.',
  ),
  'request-timeout': entry(
    408,
    7,
    'The request did not arrive',
    'The request was not there within {seconds} seconds, so the server gave it up.',
  ),
  'method-not-allowed': entry(
    405,
    2,
    'The address does not know this method',
    '{path} does not know {method}; the header Allow lists what it knows.',
  ),
  'not-acceptable': entry(
    406,
    2,
    'No type that the caller accepts',
    'The answer cannot be had in a type that the header Accept names; it comes as {types}.',
  ),
  'too-many-streams': entry(
    429,
    7,
    'Too many streams are open',
    'This server keeps {all} streams open, {account} for one account. Close one, or poll the operation.',
  ),
  'unsupported-media-type': entry(
    415,
    2,
    'The content type is not supported',
    'The content type "{type}" is not supported; send {expected}.',
  ),
  'idempotency-key-reused': entry(
    422,
    5,
    'The Idempotency-Key was used for another request',
    'The Idempotency-Key was used before, for a request with other content. Use a new key for a new request.',
  ),
  'request-in-flight': entry(
    409,
    5,
    'The request is being carried out',
    'A request with this Idempotency-Key is being carried out. Repeat it after a moment to get its answer.',
  ),
  'revision-mismatch': entry(
    412,
    5,
    'It has changed since you read it',
    'The ETag {given} does not match the present {present}. Read it again and repeat the change.',
  ),
  'cursor-invalid': entry(400, 2, 'The cursor is not valid', 'The cursor is not one that this server gave out.'),
  'position-unknown': entry(
    400,
    2,
    'The position token is not of this store',
    'The position token was given out by another event store. Leave it out and read again.',
  ),
  'not-caught-up': entry(
    503,
    7,
    'The read model has not caught up',
    'The read model has not reached the position asked for within {waited} ms; it lags by {lag} events.',
  ),
  'route-not-found': entry(404, 4, 'There is nothing at this address', 'There is nothing at {path}.'),
  internal: entry(
    500,
    1,
    'Something went wrong',
    'Something went wrong on the server. The log has the details under the correlation id {correlationId}.',
  ),
  // access
  unauthenticated: entry(401, 6, 'A token is needed', 'A token is needed: send Authorization: Bearer <token>.'),
  'token-invalid': entry(
    401,
    6,
    'The token is not valid',
    'The token is not valid: it is unknown, revoked or expired.',
  ),
  forbidden: entry(
    403,
    6,
    'The token has no right to do this',
    'The account "{account}" may not do this: it needs the role {role}.',
  ),
  'role-unknown': entry(400, 2, 'The role is not known', 'The role "{role}" is not known; the roles are {roles}.'),
  'account-not-found': entry(404, 4, 'There is no such account', 'There is no account "{account}".'),
  'token-not-found': entry(404, 4, 'There is no such token', 'There is no token "{token}".'),
  'last-administrator': entry(
    409,
    3,
    'The last administrator’s token stays',
    'This is the last valid token of an administrator; issue another one before revoking it.',
  ),
  // event store
  'wrong-expected-revision': entry(
    409,
    5,
    'The stream has moved on',
    'The stream {stream} is at {actual}, not at {expected} as expected.',
  ),
  conflict: entry(
    409,
    5,
    'Others changed it at the same time',
    '{what} was changed by others at the same time, {attempts} times in a row. Try again.',
  ),
  'append-too-large': entry(
    413,
    1,
    'The append is too large',
    'The append to {stream} has {size} bytes; the event store takes {limit} at most.',
  ),
  'append-invalid': entry(500, 1, 'The append is not valid', 'The append to {stream} is not valid: {reason}'),
  'event-unreadable': entry(500, 1, 'An event cannot be read', 'Event {revision} of {stream} cannot be read: {reason}'),
  'event-unknown': entry(
    500,
    1,
    'An event is of an unknown type',
    'Event {revision} of {stream} has the type {type}, which this version of Waybill does not know. Update Waybill.',
  ),
  'store-unavailable': entry(503, 7, 'The event store is away', 'The event store cannot be reached: {reason}'),
  'store-denied': entry(
    503,
    7,
    'The event store denies access',
    'The event store does not let this server in: {reason}',
  ),
  'stream-deleted': entry(
    500,
    1,
    'A stream was deleted or truncated',
    'The stream {stream} was deleted or truncated in the event store: {reason}',
  ),
  'store-locked': entry(
    503,
    7,
    'The event store is in use by another process',
    'The file {file} is in use by another process; one server at a time may open it.',
  ),
  'store-damaged': entry(500, 1, 'The event store is damaged', 'The event store {file} is damaged: {reason}'),
  'copy-target-differs': entry(
    409,
    3,
    'The target is no beginning of the source',
    'The logs differ at event {index}, revision {revision} of {stream}: {reason}. Copy into an empty store, or into one that holds the beginning of this log.',
  ),
  'copy-source-incomplete': entry(
    409,
    1,
    'The log misses events',
    'The stream {stream} goes on with revision {found} where {expected} is expected: events were deleted or truncated, so the log cannot be copied whole.',
  ),
  'disk-full': entry(
    507,
    7,
    'The disk is full',
    'The disk is full: {where}. Free some space and try again; nothing was lost.',
  ),
  'document-missing': entry(
    500,
    1,
    'A document is missing from the log',
    'The document {digest} is missing from the log or incomplete.',
  ),
  'document-damaged': entry(
    500,
    1,
    'A document in the log is damaged',
    'The document {digest} in the log has other content than its name says.',
  ),
  'claim-held': entry(
    409,
    5,
    'Another runner carries this out',
    'The operation {operation} is carried out by {runner}.',
  ),
  'claim-lost': entry(
    409,
    5,
    'The operation was taken over',
    'The operation {operation} was taken over by another runner.',
  ),
  'secret-key-missing': entry(
    503,
    7,
    'The secret key is missing',
    'The secret key {file} is missing. History can be read, but nothing with a secret can be rolled out until it is back.',
  ),
  'secret-key-invalid': entry(500, 1, 'The secret key is not valid', 'The secret key {file} is not valid: {reason}'),
  'secret-key-wrong': entry(
    503,
    7,
    'The secret key is another one',
    'This secret was sealed with the key {sealedWith}; the server has {present}.',
  ),
  // content store
  'blob-missing': entry(
    409,
    3,
    'Content is missing',
    'The content {digest} is missing here. Import the package that carries it again: {packages}',
  ),
  'blob-mismatch': entry(
    422,
    3,
    'Content does not match its digest',
    'The content was announced as {expected}, but it is {actual}.',
  ),
  'blob-damaged': entry(
    500,
    1,
    'Stored content is damaged',
    'The stored content {digest} has been damaged on disk. It was set aside; import the package that carries it again.',
  ),
  // packages
  'package-not-found': entry(404, 4, 'There is no such package file', 'There is no package at {path}.'),
  'package-path-refused': entry(
    403,
    6,
    'The server does not import from there',
    'The server imports files from {roots} only, not from {path}.',
  ),
  'package-not-gzip': entry(
    422,
    3,
    'The package is not a gzip file',
    '{file} is not a gzip file: it begins with {found}.',
  ),
  'package-truncated': entry(
    422,
    3,
    'The package is cut short',
    '{file} ends in the middle of {where}. It was not copied whole; copy it again.',
  ),
  'package-damaged': entry(422, 3, 'The package is damaged', '{file} is damaged: {reason}'),
  'package-empty': entry(422, 3, 'The package is empty', '{file} holds nothing.'),
  'package-not-a-template': entry(422, 3, 'The package holds no template', '{file} is {what}. {advice}'),
  'package-no-metadata': entry(
    422,
    3,
    'The package has no metadata.json',
    '{file} has no metadata.json in its root folder, so it is no package of an application.',
  ),
  'package-metadata-invalid': entry(
    422,
    3,
    'The package’s metadata.json is not valid',
    'metadata.json is not valid at {at}: {reason}',
  ),
  'compose-invalid': entry(422, 3, 'The Compose file is not valid', 'The Compose file is not valid at {at}: {reason}'),
  'compose-refused': entry(
    422,
    3,
    'The Compose file cannot be published',
    'The Compose file cannot be published. {reason}',
  ),
  'package-entry-refused': entry(
    422,
    3,
    'The package holds an entry that is not allowed',
    'The entry "{entry}" is not allowed: {reason}',
  ),
  'package-duplicate-entry': entry(
    422,
    3,
    'The package holds an entry twice',
    'The entry "{entry}" stands in the package twice.',
  ),
  'package-link-escapes': entry(
    422,
    3,
    'A link leads out of the archive',
    'The link "{entry}" leads to "{target}", which is not in the archive.',
  ),
  'package-limit-exceeded': entry(
    422,
    3,
    'The package exceeds a limit',
    '{what} exceeds the limit of {limit}: {entry}',
  ),
  'package-image-missing': entry(
    422,
    3,
    'An image is missing from the package',
    'The component "{component}" needs the image {image}, which is not in the package.',
  ),
  'images-not-found': entry(
    422,
    3,
    'Images were not found',
    'Images that the version runs were not found: {images}. {reason}',
  ),
  'package-image-invalid': entry(
    422,
    3,
    'An image in the package is not valid',
    'The image {image} is not valid: {reason}',
  ),
  'registry-unreachable': entry(
    503,
    7,
    'A registry cannot be reached',
    'The registry {registry} cannot be reached: {reason}',
  ),
  'registry-denied': entry(
    422,
    3,
    'A registry denies an image',
    'The registry {registry} denies {image}: with what this server has to show it, it is not to be read, or is not there.',
  ),
  'registry-image-missing': entry(
    422,
    3,
    'A registry has no such image',
    'The registry {registry} has no image {image}.',
  ),
  'registry-digest-differs': entry(
    422,
    3,
    'A registry sent something else',
    'What the registry sent as {what} of {image} is {actual}, not {expected}.',
  ),
  'registry-media-type': entry(
    422,
    3,
    'A registry has it in a form that is not read',
    'The image {image} has a part of the type {type}, which is not read here.',
  ),
  'registry-platform-missing': entry(
    422,
    3,
    'There is no such image for the platform',
    'The image {image} is not there for {wanted}; it is there for {offered}.',
  ),
  'registry-insecure': entry(
    422,
    3,
    'A registry asks for a connection without encryption',
    'The registry {registry} leads to {host} without encryption, which is not done unless WAYBILL_PLAIN_REGISTRIES names it.',
  ),
  'registry-credentials-unusable': entry(
    500,
    1,
    'What registries are shown cannot be read',
    'What this server has to show the registry {registry} cannot be used: {reason}',
  ),
  'package-layer-mismatch': entry(
    422,
    3,
    'A layer does not match its image',
    'Layer {index} of the image {image} is {actual}, but its configuration says {expected}.',
  ),
  'package-config-mismatch': entry(
    422,
    3,
    'An image configuration does not match its name',
    'The image configuration {name} has the digest {actual}.',
  ),
  'package-layer-missing': entry(
    422,
    3,
    'A layer is missing from the package',
    'Layer {index} of the image {image} ({layer}) is not in the package.',
  ),
  'package-file-missing': entry(
    422,
    3,
    'A file is missing from the package',
    '{file} has no "{entry}", which must be in it.',
  ),
  'package-description-invalid': entry(
    422,
    3,
    'The package’s waybill.json is not valid',
    'waybill.json is not valid at {at}: {reason}.',
  ),
  'package-signature-invalid': entry(
    422,
    3,
    'The package’s signature is not valid',
    'The signature of the package is not valid: {reason}.',
  ),
  'package-changed': entry(
    409,
    5,
    'The package file has changed',
    'The file {path} is not the one that was inspected: it was {expected} and is now {actual}.',
  ),
  'parts-index-invalid': entry(
    422,
    3,
    'The index of a split package is not valid',
    'The index {file} is not valid: {reason}. Copy it again.',
  ),
  'part-differs': entry(
    422,
    3,
    'A part is not the one it should be',
    '{part} is not the part of {package} that its index lists: it should be {expected} and is {actual}. Copy it again.',
  ),
  'part-unknown': entry(
    422,
    3,
    'A file is no part of the package',
    '{file} is no part of {package}: its index lists none of this name or content.',
  ),
  'part-missing': entry(409, 3, 'Parts of the package are missing', 'Parts of {package} are missing: {parts}.'),
  // signatures
  'signing-key-invalid': entry(422, 3, 'A key is not valid', '{where} is no key that can be used: {reason}'),
  'signing-key-missing': entry(
    409,
    3,
    'The signing key is missing',
    'The signing key {file} is not there, though this server has signed with one before. Put it back, or nothing can be signed.',
  ),
  'publisher-root-invalid': entry(
    422,
    3,
    'A publisher’s root is not valid',
    'Root {version} of the publisher is not valid: {reason}',
  ),
  'publisher-root-conflict': entry(
    409,
    5,
    'A publisher’s roots part ways',
    'Root {version} of the publisher "{publisher}" is another one than the one known here. One of the two was signed by somebody who should not hold the keys.',
  ),
  // trust
  'package-unsigned': entry(
    403,
    3,
    'The package is not signed',
    '{file} is not signed by anybody. Whoever may decide that can accept it by name: waybill import FILE --accept-unsigned REASON.',
  ),
  'publisher-unknown': entry(
    403,
    3,
    'The publisher is not trusted here',
    'The package is signed by "{name}" ({publisher}), who is not trusted here. Compare the fingerprint with the publisher, then trust it: waybill trust add FILE --fingerprint ID. Or take this one package: waybill import FILE --accept-publisher ID.',
  ),
  'publisher-key-revoked': entry(
    422,
    3,
    'The key was revoked',
    'The package is signed with {keys}, which "{name}" or this site has revoked: {reason}.',
  ),
  'publisher-fingerprint-differs': entry(
    422,
    3,
    'The fingerprint is another one',
    'These roots are of the publisher {actual}, not of {expected}.',
  ),
  'publisher-conflict': entry(
    409,
    5,
    'The template is another publisher’s',
    'Packages of "{template}" are of "{boundName}" ({bound}) here; this one is of "{offeredName}" ({offered}).',
  ),
  'layers-missing': entry(
    409,
    5,
    'Layers are missing',
    'The package leaves out {count} layers of version {version} of "{template}" that are not here: {layers}.',
  ),
  // catalog
  'template-not-found': entry(404, 4, 'There is no such template', 'There is no template "{template}".'),
  'template-ambiguous': entry(
    409,
    2,
    'More than one template has this name',
    'More than one template is called "{template}": {keys}. Use the key.',
  ),
  'version-not-found': entry(404, 4, 'There is no such version', 'The template {template} has no version {version}.'),
  'sbom-invalid': entry(422, 3, 'The bill of materials is not valid', '{what} is no CycloneDX in JSON: {reason}'),
  'sbom-not-found': entry(
    404,
    4,
    'There is no such bill of materials',
    'Version {version} of {template} has no bill of materials {sbom}.',
  ),
  'image-not-found': entry(
    404,
    4,
    'The version has no such image',
    'Version {version} of {template} has not exactly one image that "{image}" names; it has {images}.',
  ),
  'publisher-key-unknown': entry(
    404,
    4,
    'The publisher never had such a key',
    'No root of "{name}" ever named the key {key}.',
  ),
  'version-withdrawn': entry(
    409,
    3,
    'The version was withdrawn',
    'Version {version} of {template} was withdrawn: {reason}',
  ),
  'version-content-differs': entry(
    409,
    5,
    'The version exists with other content',
    'Version {version} of {template} exists with other content: {present} is here, {offered} was offered. Published versions never change; use a new number (--version).',
  ),
  'version-spelling-clash': entry(
    409,
    5,
    'The version number exists in another spelling',
    'Version {version} of {template} is the same number as {present}, which exists.',
  ),
  'template-name-differs': entry(
    409,
    5,
    'The template key belongs to another template',
    'The key {template} belongs to "{present}", but this calls it "{offered}".',
  ),
  'template-key-differs': entry(
    422,
    3,
    'The template key differs from the metadata',
    'The metadata says {found}, the request says {asked}.',
  ),
  'version-number-differs': entry(
    422,
    3,
    'The version number differs from the metadata',
    'The metadata says version {found}, the request says {asked}.',
  ),
  'format-cannot-carry': entry(
    422,
    3,
    'The format cannot carry this version',
    'Version {version} of {template} cannot be exported as {format}: it was published from {source}, which that format has no place for. Export it as {formats}.',
  ),
  'template-invalid': entry(422, 3, 'The template is not valid', 'The template is not valid: {reason}'),
  'import-not-found': entry(404, 4, 'There is no such import', 'There is no import {import}.'),
  'import-not-confirmable': entry(
    409,
    3,
    'The import cannot be confirmed',
    'The import {import} is {state} and cannot be confirmed.',
  ),
  'import-finished': entry(
    409,
    3,
    'The import is finished',
    'The import {import} is {state}; there is nothing left to discard.',
  ),
  'import-not-collecting': entry(
    409,
    5,
    'The import waits for no parts',
    'The import {import} waits for no parts: it is {state}.',
  ),
  'export-target-exists': entry(
    409,
    5,
    'Another file has that name',
    'There is another file {path} already. Move it away or choose another folder with -o.',
  ),
  'export-not-found': entry(404, 4, 'There is no such export', 'There is no export {export}.'),
  'export-file-not-found': entry(404, 4, 'The export has no such file', 'The export {export} has no file "{name}".'),
  'export-not-ready': entry(
    409,
    5,
    'The package of the export is not there',
    'The export {export} is {state}, so there is no package to be had from it.',
  ),
  'inventory-invalid': entry(422, 3, 'The inventory is not valid', 'The inventory cannot be used: {reason}'),
  'upload-not-found': entry(404, 4, 'There is no such upload', 'There is no upload {upload}.'),
  'upload-incomplete': entry(
    409,
    3,
    'The upload is not complete',
    'The upload {upload} has {received} of {size} bytes.',
  ),
  'upload-offset-differs': entry(
    409,
    5,
    'The upload stands elsewhere',
    'The upload {upload} does not stand where the request goes on. Ask for its offset (HEAD) and go on from there.',
  ),
  'upload-digest-differs': entry(
    422,
    3,
    'The upload is not what was announced',
    'The upload {upload} was announced as {expected} and arrived as {actual}; it was removed.',
  ),
  // engine
  'engine-unreachable': entry(
    503,
    7,
    'The engine cannot be reached',
    'The Docker Engine at {address} cannot be reached: {reason}. Start it, or correct DOCKER_HOST; what waits for it goes on by itself.',
  ),
  'engine-changed': entry(
    409,
    3,
    'The engine is another one',
    'The instance runs on the engine {expected}, but the server reaches {actual}.',
  ),
  'engine-refused': entry(502, 1, 'The engine refused a call', 'The engine refused to {action}: {reason}'),
  'engine-timeout': entry(
    503,
    7,
    'The engine did not answer',
    'The engine did not answer within {seconds} s when asked to {action}.',
  ),
  'image-load-failed': entry(
    502,
    1,
    'The engine did not take an image',
    'The engine did not take the image {image}: {reason}',
  ),
  'image-not-as-verified': entry(
    502,
    1,
    'The engine holds another image than was verified',
    'The engine holds {actual} where {expected} was verified.',
  ),
  'architecture-mismatch': entry(
    409,
    3,
    'An image is for another architecture',
    'The image of "{component}" is for {image}; the engine runs {engine}.',
  ),
  'port-taken': entry(
    409,
    5,
    'A port is taken',
    'The port {port} on the engine is taken by {holder}. Choose another one with {component}/publish/{containerPort}=PORT.',
  ),
  'subnets-exhausted': entry(
    409,
    3,
    'No subnet is left',
    'The pool {pool} has no free subnet left; widen WAYBILL_NETWORK_POOL.',
  ),
  'network-too-small': entry(
    422,
    3,
    'The network of the instance is too small',
    'The plan makes {fresh} containers, most of them of {component} ({replicas}), while {old} are there; the network of an instance has room for {room} at a time. Set fewer replicas.',
  ),
  'subnet-taken': entry(
    409,
    5,
    'A subnet is taken',
    'The engine has no room for the subnet {subnet} of the network {network}: it overlaps another one.',
  ),
  'object-not-ours': entry(
    409,
    5,
    'Something of that name exists already',
    'The engine has a {kind} called {name} that Waybill did not make.',
  ),
  // delivery
  'instance-not-found': entry(404, 4, 'There is no such instance', 'There is no instance "{instance}".'),
  'instance-name-taken': entry(409, 5, 'The name is taken', 'The name "{name}" is taken by another instance.'),
  'instance-removed': entry(410, 4, 'The instance was removed', 'The instance "{instance}" was removed.'),
  'instance-not-installed': entry(
    409,
    3,
    'The instance is not installed',
    'The instance "{instance}" is not installed yet.',
  ),
  'instance-already-installed': entry(
    409,
    3,
    'The instance is installed already',
    'The instance "{instance}" runs {version} already; use an upgrade plan.',
  ),
  'record-not-found': entry(404, 4, 'There is no such record', 'There is no record {record}.'),
  'record-open': entry(
    409,
    5,
    'Another record is open',
    'The record {record} ({kind}) of this instance is still open; wait until it has ended.',
  ),
  'record-not-rollbackable': entry(
    409,
    3,
    'The record cannot be rolled back',
    'The record {record} cannot be rolled back: {reason}',
  ),
  'plan-not-found': entry(404, 4, 'There is no such plan', 'There is no plan {plan}.'),
  'plan-stale': entry(
    409,
    5,
    'The plan is out of date',
    'The plan {plan} was made for a state that is past: {reason}. Make a new plan.',
  ),
  'plan-used': entry(
    409,
    5,
    'The plan was used already',
    'The plan {plan} was submitted before, as record {record}. A plan runs once.',
  ),
  'schedule-missing': entry(
    422,
    3,
    'Nothing says when a component runs',
    'The component "{component}" runs at times, but of when its package says {stated}. Set it: {host}.schedule="0 3 * * *" (minute, hour, day, month, weekday; UTC), or {host}.schedule=never.',
  ),
  'plan-empty': entry(
    409,
    3,
    'There is nothing to do',
    'There is nothing to do: the instance is as the plan would make it.',
  ),
  'item-not-found': entry(
    404,
    4,
    'There is no such item in the plan',
    'The plan has no item "{item}" that could be accepted. {hint}',
  ),
  'item-ambiguous': entry(409, 2, 'More than one item matches', '"{item}" could be any of {items}.'),
  'component-not-found': entry(404, 4, 'There is no such component', 'There is no component "{component}"; {hint}'),
  'setting-not-allowed': entry(422, 3, 'This cannot be set', '"{setting}" cannot be set: {reason}'),
  'upgrade-not-upward': entry(
    409,
    3,
    'An upgrade goes up',
    '{target} is not higher than {current}, which runs. To go back, roll back a record.',
  ),
  'no-upgrade-available': entry(409, 3, 'There is no newer version', 'There is no version newer than {current}.'),
  'time-invalid': entry(
    400,
    2,
    'The time is not valid',
    '"{time}" is not a time; use RFC 3339, such as 2026-03-01T00:00:00Z.',
  ),
  'state-before-creation': entry(
    404,
    4,
    'The instance did not exist then',
    'The instance "{instance}" was created at {created}, after {time}.',
  ),
  'gate-failed': entry(
    409,
    1,
    'A component did not become ready',
    'The component "{component}" did not become ready: {reason}',
  ),
  // command line
  'server-unreachable': entry(
    503,
    7,
    'The server cannot be reached',
    'The server at {url} cannot be reached: {reason}',
  ),
  'operation-not-found': entry(404, 4, 'There is no such operation', 'There is no operation "{operation}".'),
  'operation-failed': entry(500, 1, 'The operation failed', '{what} ended as {state}: {reason}'),
  'confirmation-needed': entry(
    428,
    2,
    'A confirmation is needed',
    '{what} needs a confirmation: repeat the command with --yes.',
  ),
  'configuration-invalid': entry(500, 2, 'A setting of the server is not valid', '{name} is not valid: {reason}'),
} as const satisfies Readonly<Record<string, ErrorEntry>>;

export type ErrorCode = keyof typeof catalogue;
