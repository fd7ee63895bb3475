// Plain HTTP on the server's port: the health page that a genuine server has, and orders for a stand-in in another process.

/** What may be ordered from outside: `POST /stand-in/<order>` with the arguments as a JSON array. */
export const ORDERS = [
  'cutConnections',
  'freeze',
  'thaw',
  'delay',
  'dropNextAnswers',
  'readOnly',
  'notLeader',
  'liveBuffer',
];

export async function onHttp(standIn, request, response) {
  const order = /^\/stand-in\/(\w+)$/.exec(request.url)?.[1];
  if (request.url === '/health/live') return response.writeHead(204).end();
  if (request.method !== 'POST' || !ORDERS.includes(order)) return response.writeHead(404).end();
  const pieces = [];
  for await (const piece of request) pieces.push(piece);
  await standIn[order](...JSON.parse(Buffer.concat(pieces).toString('utf8') || '[]'));
  return response.writeHead(204).end();
}
