import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';

import { runTimed, versionOf } from '../peer-run';
import { pause } from '../measure';

/** A program that passes requests on to the engine. */
export interface Passer {
  readonly name: string;
  readonly port: number;
  /** Whose CPU time counts; undefined for the engine itself, asked directly. */
  readonly pid: number | undefined;
}

export interface Peers {
  readonly proxies: readonly Passer[];
  /** What could not be had here, in words. */
  readonly absent: readonly string[];
  close(): Promise<void>;
}

/** Starts what this machine has of nginx, Go's reverse proxy and llama-swap, each before the engine at this port. */
export async function startPeers(folder: string, enginePort: number): Promise<Peers> {
  await mkdir(folder, { recursive: true });
  const children: ChildProcess[] = [];
  const proxies: Passer[] = [];
  const absent: string[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(
      children.map(async (child) => {
        if (child.exitCode !== null || child.signalCode !== null) return;
        const ended = once(child, 'exit');
        child.kill('SIGTERM');
        await ended;
      }),
    );
  };
  const start = async (name: string, command: readonly string[], port: number): Promise<void> => {
    const [file = '', ...args] = command;
    const child = spawn(file, args, { stdio: ['ignore', 'ignore', 'inherit'] });
    children.push(child);
    await listens(port, child);
    proxies.push({ name, port, pid: child.pid });
  };
  try {
    const nginx = await versionOf('nginx', '-v');
    if (nginx === undefined) absent.push('nginx');
    else {
      const port = await freePort();
      const config = join(folder, 'nginx.conf');
      await writeFile(config, nginxConfig(folder, port, enginePort));
      await start(`nginx ${nginx}`, ['nginx', '-c', config, '-p', folder], port);
    }
    const go = await versionOf('go', 'version');
    if (go === undefined) absent.push("Go's ReverseProxy");
    else {
      const port = await freePort();
      const program = join(folder, 'reverse-proxy');
      const source = resolve('tests/bench/gateway/reverse-proxy.go');
      await runTimed(['go', 'build', '-o', program, source]);
      const command = [program, `127.0.0.1:${port}`, `http://127.0.0.1:${enginePort}`];
      await start(`Go ${go} ReverseProxy`, command, port);
    }
    const swap = await versionOf('llama-swap', '-version');
    if (swap === undefined) absent.push('llama-swap');
    else {
      const port = await freePort();
      const config = join(folder, 'llama-swap.yaml');
      await writeFile(config, swapConfig(enginePort));
      const command = ['llama-swap', '-config', config, '-listen', `127.0.0.1:${port}`];
      await start(`llama-swap ${swap}`, command, port);
    }
  } catch (error) {
    await close();
    throw error;
  }
  return { proxies, absent, close };
}

/** One process that passes everything on as it comes. */
function nginxConfig(folder: string, port: number, enginePort: number): string {
  return `daemon off;
master_process off;
pid "${folder}/nginx.pid";
error_log stderr error;
events { worker_connections 4096; }
http {
  access_log off;
  client_body_temp_path "${folder}/body";
  proxy_temp_path "${folder}/proxy";
  client_body_buffer_size 1m;
  keepalive_requests 10000000;
  upstream engine { server 127.0.0.1:${enginePort}; keepalive 512; keepalive_requests 10000000; }
  server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass http://engine;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_buffering off;
    }
  }
}
`;
}

function swapConfig(enginePort: number): string {
  return `models:
  bench:
    cmd: sleep 100000
    proxy: http://127.0.0.1:${enginePort}
    checkEndpoint: none
`;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address ? address.port : 0;
}

async function listens(port: number, child: ChildProcess): Promise<void> {
  for (;;) {
    if (child.exitCode !== null) throw new Error(`${child.spawnfile} exited ${child.exitCode}`);
    const answered = await fetch(`http://127.0.0.1:${port}/`).then(
      () => true,
      () => false,
    );
    if (answered) return;
    await pause(20);
  }
}
