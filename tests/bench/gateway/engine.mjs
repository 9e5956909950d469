#!/usr/bin/env node
/**
 * An engine that costs next to nothing, for the benchmark of the gateway: it takes mlx_lm.server's options, is ready
 * at once, and answers chats on bare sockets that stay open. The field `bench` of a body says how:
 *
 * `{ chunks, gapMs }` streams so many chunks with such a gap, each with its number and the
 * monotonic clock in ns at which it was written; `'json'` answers whole whatever `stream` says. Without it a body
 * that asks for a stream gets eight chunks, any other one the whole answer.
 */
import { createServer } from 'node:net';
import { HELP } from '../../fixtures/fake-engine/texts.mjs';

const args = process.argv.slice(2);
if (args.includes('--help')) {
  process.stdout.write(HELP);
  process.exit(0);
}
const option = (name) => args[args.indexOf(name) + 1];

const usage = { prompt_tokens: 21, completion_tokens: 8, total_tokens: 29 };
const base = { id: 'chatcmpl-bench', created: 1764600000, model: 'bench' };
const piece = (delta, finish = null, more = {}) =>
  `data: ${JSON.stringify({
    ...base,
    object: 'chat.completion.chunk',
    choices: [{ index: 0, delta, finish_reason: finish }],
    ...more,
  })}\n\n`;
const WORDS = ['Hello', ' from', ' an', ' engine', ' that', ' is', ' quick', '.'];
const WHOLE = JSON.stringify({
  ...base,
  object: 'chat.completion',
  choices: [
    {
      index: 0,
      message: { role: 'assistant', content: WORDS.join('') },
      finish_reason: 'stop',
    },
  ],
  usage,
});
const head = (type, more) => `HTTP/1.1 200 OK\r\nContent-Type: ${type}\r\n${more}\r\n\r\n`;
const json = (text) =>
  `${head('application/json', `Content-Length: ${Buffer.byteLength(text)}`)}${text}`;
const framed = (text) => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;
const STREAM_HEAD = head('text/event-stream', 'Transfer-Encoding: chunked');
const FIRST = piece({ role: 'assistant', content: '' });
const LAST = `${piece({}, 'stop', { usage })}data: [DONE]\n\n`;
const SHORT = `${STREAM_HEAD}${[FIRST, ...WORDS.map((content) => piece({ content })), LAST].map(framed).join('')}0\r\n\r\n`;
const ANSWER = json(WHOLE);
const HEALTH = json('{"status":"ok"}');

function stream(socket, { chunks, gapMs }) {
  socket.write(STREAM_HEAD + framed(FIRST));
  let next = 0;
  // Fixed wait: the pace of the engine that is played.
  const timer = setInterval(() => {
    if (socket.destroyed) return clearInterval(timer);
    if (next < chunks) {
      socket.write(framed(piece({ content: `${next++}:${process.hrtime.bigint()} ` })));
      return;
    }
    clearInterval(timer);
    socket.write(`${framed(LAST)}0\r\n\r\n`);
  }, gapMs);
}

function answer(socket, text, body) {
  if (text.startsWith('GET ')) return socket.write(HEALTH);
  if (body.includes('"bench":"json"')) return socket.write(ANSWER);
  if (body.includes('"bench":{')) return stream(socket, JSON.parse(body).bench);
  socket.write(body.includes('"stream":true') ? SHORT : ANSWER);
}

const server = createServer({ noDelay: true }, (socket) => {
  let pending = '';
  socket.setEncoding('latin1');
  socket.on('error', () => socket.destroy());
  socket.on('data', (text) => {
    pending += text;
    for (;;) {
      const end = pending.indexOf('\r\n\r\n');
      if (end === -1) return;
      const length = Number(/content-length: *(\d+)/i.exec(pending.slice(0, end))?.[1] ?? 0);
      if (pending.length < end + 4 + length) return;
      const body = pending.slice(end + 4, end + 4 + length);
      answer(socket, pending, body);
      pending = pending.slice(end + 4 + length);
    }
  });
});
server.listen(Number(option('--port')), option('--host'), () => {
  process.stderr.write('Starting httpd\n');
});
