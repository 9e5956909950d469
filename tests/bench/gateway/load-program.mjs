/**
 * One load on one address, as a program of its own so that it can have a core of its own: `node load-program.mjs JSON`, the
 * result as JSON on its output. Bare sockets, since a client's own library would cost more than what is measured.
 *
 * `{ kind: 'requests', port, headers, body, connections, seconds }`: one request after the other on each connection.
 * `{ kind: 'streams', port, headers, body, streams, gapMs, idle }`: each stream once, begun one after the other within
 * a gap; `idle` connections stay open beside them.
 */
import { once } from 'node:events';
import { connect } from 'node:net';

const order = JSON.parse(process.argv[2] ?? '');
const { port, headers = {}, body, path = '/v1/chat/completions' } = order;
const bytes = Buffer.from(
  [
    `POST ${path} HTTP/1.1`,
    `Host: 127.0.0.1:${port}`,
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    '',
    body,
  ].join('\r\n'),
);

const CHUNK = /"content":"(\d+):(\d+) "/g;
const result = order.kind === 'requests' ? await requests() : await streams();
process.stdout.write(JSON.stringify(result), () => process.exit(0));

async function opened() {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  await once(socket, 'connect');
  return socket;
}

/** Whether a whole answer has come, by its length or its last chunk. */
function isWhole(text) {
  const end = text.indexOf('\r\n\r\n');
  if (end === -1) return false;
  const length = /content-length: *(\d+)/i.exec(text.slice(0, end))?.[1];
  if (length !== undefined) return text.length >= end + 4 + Number(length);
  return text.endsWith('\r\n0\r\n\r\n');
}

async function requests() {
  const { connections, seconds } = order;
  const times = [];
  let errors = 0;
  let sample = '';
  const sockets = await Promise.all(Array.from({ length: connections }, opened));
  const until = performance.now() + seconds * 1000;
  await Promise.all(
    sockets.map(
      (socket) =>
        new Promise((resolve) => {
          let began = performance.now();
          let text = '';
          socket.setEncoding('latin1');
          socket.on('error', () => {
            errors += 1;
          });
          socket.on('close', resolve);
          socket.on('data', (part) => {
            text += part;
            if (!isWhole(text)) return;
            const now = performance.now();
            times.push(now - began);
            if (!text.startsWith('HTTP/1.1 200')) errors += 1;
            if (sample === '' || errors === 1) sample = text;
            if (now >= until) return socket.destroy();
            text = '';
            began = now;
            socket.write(bytes);
          });
          socket.write(bytes);
        }),
    ),
  );
  times.sort((a, b) => a - b);
  return {
    requests: times.length,
    errors,
    p50Us: 1000 * (times[times.length >> 1] ?? Number.NaN),
    p99Us: 1000 * (times[Math.floor(times.length * 0.99)] ?? Number.NaN),
    sample,
  };
}

async function streams() {
  const { streams: count, gapMs, idle = 0, loopSeconds = 0 } = order;
  const idling = [];
  // A few at once: a listener's queue has an end.
  while (idling.length < idle) {
    idling.push(
      ...(await Promise.all(Array.from({ length: Math.min(50, idle - idling.length) }, opened))),
    );
  }
  let lost = 0;
  for (const socket of idling) socket.on('close', () => (lost += 1)).on('error', () => undefined);
  const until = performance.now() + loopSeconds * 1000;
  const totals = { delays: [], chunks: 0, reads: 0, severalAtOnce: 0, errors: 0, disorder: 0 };
  const one = async (index) => {
    // Fixed wait: streams that begin together would have their chunks together.
    await new Promise((resolve) => setTimeout(resolve, (index * gapMs) / count));
    do await oneStream(totals);
    while (performance.now() < until);
  };
  await Promise.all(Array.from({ length: count }, (_, index) => one(index)));
  const delays = totals.delays.sort((a, b) => a - b);
  const at = (part) => delays[Math.min(delays.length - 1, Math.floor(delays.length * part))];
  const idleLost = lost;
  return {
    ...totals,
    delays: undefined,
    idleLost,
    p50Us: at(0.5),
    p99Us: at(0.99),
    maxUs: at(1),
  };
}

async function oneStream(totals) {
  const socket = await opened();
  socket.setEncoding('latin1');
  let rest = '';
  let next = 0;
  let head = '';
  let isDone = false;
  socket.on('error', () => (totals.errors += 1));
  socket.write(bytes);
  await new Promise((resolve) => {
    socket.on('close', resolve);
    socket.on('data', (part) => {
      const now = process.hrtime.bigint();
      if (head === '') head = part.slice(0, 12);
      rest += part;
      let found = 0;
      let last = 0;
      for (const match of rest.matchAll(CHUNK)) {
        totals.delays.push(Number(now - BigInt(match[2])) / 1000);
        if (Number(match[1]) !== next++) totals.disorder += 1;
        found += 1;
        last = match.index + match[0].length;
      }
      rest = rest.slice(last);
      totals.chunks += found;
      if (found > 0) totals.reads += 1;
      if (found > 1) totals.severalAtOnce += 1;
      if (!rest.includes('[DONE]')) return;
      isDone = true;
      socket.destroy();
    });
  });
  if (!isDone || head !== 'HTTP/1.1 200') totals.errors += 1;
}
